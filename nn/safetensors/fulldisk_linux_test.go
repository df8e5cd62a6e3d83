package safetensors

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk writes beyond what the system allows, in a process of its own: over
// a limit on the size of files, and on a file system that is too small. The old
// file must stay, alone.
func TestFullDisk(t *testing.T) {
	if how := os.Getenv("SAFETENSORS_TEST_FULL"); how != "" {
		fullDisk(t, how)
		return
	}
	for _, how := range []string{"limit", "tmpfs"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
			cmd.Env = append(os.Environ(), "SAFETENSORS_TEST_FULL="+how, "SAFETENSORS_TEST_DIR="+t.TempDir())
			if how == "tmpfs" {
				// A mount for this process alone, as the root of a user namespace.
				cmd.SysProcAttr = &syscall.SysProcAttr{
					Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
					UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
					GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
				}
			}
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Skipf("this system lets nobody make a user namespace: %v", err)
			}
			if why, ok := strings.CutPrefix(string(out), "cannot: "); ok {
				t.Skip(why)
			}
			if err != nil || !strings.Contains(string(out), "old file kept") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func fullDisk(t *testing.T, how string) {
	const room = 256 << 10
	dir := os.Getenv("SAFETENSORS_TEST_DIR")
	want := syscall.EFBIG
	if how == "tmpfs" {
		want = syscall.ENOSPC
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", room)); err != nil {
			fmt.Printf("cannot: mount a tmpfs: %v", err)
			os.Exit(0)
		}
	}
	path := filepath.Join(dir, "m.safetensors")
	if err := WriteFile(path, []Tensor{FromSlice("a", []float32{5}, 1)}, nil); err != nil {
		t.Fatal(err)
	}
	if how == "limit" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
			fmt.Printf("cannot: limit the size of files: %v", err)
			os.Exit(0)
		}
	}
	const n = 2 * room / 4
	err := WriteFile(path, []Tensor{FromSlice("a", make([]float32, n), n)}, nil)
	if !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want %v", err, want)
	}
	checkFile(t, path, 5)
	if !t.Failed() {
		fmt.Println("old file kept")
	}
}
