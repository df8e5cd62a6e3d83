package watch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// inotify watches folders by inotify(7).
type inotify struct {
	root string
	fd   int
	file *os.File
	to   *changes

	mu   sync.Mutex
	dirs map[int32]string // by watch descriptor
	busy sync.WaitGroup
}

// newNotifier returns a notifier for folders below root.
func newNotifier(root string, to *changes) (notifier, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	n := &inotify{root: root, fd: fd, file: os.NewFile(uintptr(fd), "inotify"), to: to, dirs: map[int32]string{}}
	n.busy.Go(n.read)
	return n, nil
}

// mask is what may bring an image: a file is made, linked, renamed, closed by who wrote it,
// or given another time; and that a folder has gone.
const mask = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB |
	unix.IN_MOVE_SELF | unix.IN_ONLYDIR | unix.IN_EXCL_UNLINK

func (n *inotify) add(name string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	wd, err := unix.InotifyAddWatch(n.fd, filepath.Join(n.root, filepath.FromSlash(name)), mask)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil // it has gone already
	case errors.Is(err, unix.ENOSPC):
		return errors.New("no further folder can be watched by inotify (see /proc/sys/fs/inotify/max_user_watches)")
	case err != nil:
		return fmt.Errorf("inotify: %w", err)
	}
	n.dirs[int32(wd)] = name
	return nil
}

// read sends what changes until the file is closed.
func (n *inotify) read() {
	buf := make([]byte, 64<<10)
	for {
		got, err := n.file.Read(buf)
		if err != nil {
			return
		}
		for rest := buf[:got]; len(rest) >= unix.SizeofInotifyEvent; {
			// Watch descriptor, mask, cookie, length of the name, and the name with zeros.
			wd, bits := int32(binary.NativeEndian.Uint32(rest)), binary.NativeEndian.Uint32(rest[4:])
			end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
			n.event(wd, bits, strings.TrimRight(string(rest[unix.SizeofInotifyEvent:end]), "\x00"))
			rest = rest[end:]
		}
	}
}

// event sends what an event says.
func (n *inotify) event(wd int32, bits uint32, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	dir, known := n.dirs[wd]
	switch {
	case bits&unix.IN_Q_OVERFLOW != 0, bits&unix.IN_MOVE_SELF != 0:
		n.to.send(".") // events were lost, or paths below a folder have changed
	case bits&unix.IN_IGNORED != 0:
		delete(n.dirs, wd)
	case known && name != "":
		n.to.send(path.Join(dir, name))
	}
}

func (n *inotify) close() {
	n.file.Close()
	n.busy.Wait()
}
