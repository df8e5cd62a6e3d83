// Package watch scores images as they arrive in a folder, and keeps a record of each.
//
// Nothing is remembered but the file of records, to which a line is appended for each image
// once it is scored. That file is the journal, too: an image whose name, size and time of
// change stand in it is done. A second file, beside it, could say otherwise than the first
// after a crash between the two; one line that is there or not cannot. A line is synced to
// disk before anything follows from it, and a last line that a crash tore is cut off at the
// start, so that its image is scored again.
//
// An image may come slowly. It is read when its size and time have not changed for
// Options.Settle, by the monotonic clock of this machine: clocks of cameras and of file
// servers do not matter. If it cannot be decoded then, more of it may come: it is tried again,
// at intervals that double, until Options.GiveUp has passed without a change. A record with
// an error is written for it then, since somebody waits for a verdict.
//
// What follows from an anomaly: a link to it is made before its record, which is harmless
// twice; it is moved away after its record, and what a crash left is moved at the next
// start; commands and posts come last, wait in a queue that is bounded, and are lost in a
// crash. A program that must not miss an anomaly reads the records.
//
// Linux tells of changes by inotify. Elsewhere, and on network shares, where it tells of the
// changes of this machine alone, the folder is looked through at intervals.
package watch
