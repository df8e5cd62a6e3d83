package atomicfile

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"anomem/internal/filelock"
)

// A new file without a lock that was not written for staleAfter has lost its process. The lock
// tells by itself where there are locks; on file systems without, its age does, since a file
// is renamed right after it was written.
const staleAfter = 10 * time.Minute

// temporary returns the name of a new file beside that called name. Half of its number is
// chosen, and half follows from the rest, so that isTemporary tells it from files of other
// programs.
func temporary(name string, chosen uint32) string {
	chosen &= math.MaxUint16
	h := fnv.New32a()
	fmt.Fprintf(h, "anomem %s %d", name, chosen)
	return "." + name + "." + strconv.FormatUint(uint64(chosen<<16|h.Sum32()>>16), 10) + ".tmp"
}

// isTemporary reports whether a file may be called so by temporary alone.
func isTemporary(file string) bool {
	rest, dotted := strings.CutPrefix(file, ".")
	rest, tmp := strings.CutSuffix(rest, ".tmp")
	at := strings.LastIndexByte(rest, '.')
	if !dotted || !tmp || at < 1 {
		return false
	}
	number, err := strconv.ParseUint(rest[at+1:], 10, 32)
	return err == nil && temporary(rest[:at], uint32(number>>16)) == file
}

// swept has the time of the last sweep of each folder.
var swept struct {
	mu sync.Mutex
	at map[string]time.Time
}

// sweep removes stale new files from a folder, whose name ends with a separator, unless it has
// just done so. What cannot be read or removed stays.
func sweep(folder string) {
	swept.mu.Lock()
	last, done := swept.at[folder]
	if done = done && time.Since(last) < staleAfter; !done {
		if swept.at == nil {
			swept.at = map[string]time.Time{}
		}
		swept.at[folder] = time.Now()
	}
	swept.mu.Unlock()
	if done {
		return
	}
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if isTemporary(e.Name()) && e.Type().IsRegular() {
			removeStale(folder + e.Name())
		}
	}
}

// removeStale removes a new file if it has lost its process.
func removeStale(path string) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || time.Since(info.ModTime()) < staleAfter || filelock.Try(f) != nil {
		return
	}
	if now, err := os.Lstat(path); err != nil || !os.SameFile(info, now) || now.Mode()&fs.ModeType != 0 {
		return
	}
	if os.Remove(path) != nil {
		f.Close() // Windows removes no open file
		os.Remove(path)
	}
}
