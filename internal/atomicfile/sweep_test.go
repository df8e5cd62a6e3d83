package atomicfile

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// In the environment, the path that a process of this test stages, until it is killed.
const stageAt = "ANOMEM_TEST_STAGE"

func TestMain(m *testing.M) {
	if path := os.Getenv(stageAt); path != "" {
		s, err := Stage(path)
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString(s.file.Name() + "\n")
		time.Sleep(time.Minute)
		return
	}
	os.Exit(m.Run())
}

// age sets back the time of change of files.
func age(t *testing.T, by time.Duration, paths ...string) {
	t.Helper()
	then := time.Now().Add(-by)
	for _, p := range paths {
		if err := os.Chtimes(p, then, then); err != nil {
			t.Fatal(err)
		}
	}
}

// writeAfresh writes a file as a process would that has just begun.
func writeAfresh(t *testing.T, path string) {
	t.Helper()
	swept.mu.Lock()
	swept.at = nil
	swept.mu.Unlock()
	if err := Write(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
}

// names returns what a folder holds.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// What a process leaves that was killed is removed by whoever writes next in the folder, once it
// is old; while the process lives, however old, it stays.
func TestKilledLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("other systems remove no open file, or start no process")
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), stageAt+"="+filepath.Join(dir, "model"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("an emulator starts no process of its own: %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	left := line[:len(line)-1]
	other := filepath.Join(dir, "other")

	age(t, 2*staleAfter, left)
	writeAfresh(t, other)
	if _, err := os.Stat(left); err != nil {
		t.Errorf("the process lives: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	age(t, staleAfter-time.Minute, left)
	writeAfresh(t, other)
	if _, err := os.Stat(left); err != nil {
		t.Errorf("killed a moment ago: %v", err)
	}
	age(t, staleAfter, left)
	writeAfresh(t, other)
	if got := names(t, dir); !slices.Equal(got, []string{"other"}) {
		t.Errorf("killed long ago: %q", got)
	}
}

// Files of other programs stay, however old and alike they are, and so do folders and links.
func TestSweepLeavesOthers(t *testing.T) {
	dir := t.TempDir()
	stale, link, sub := temporary("a", 1), temporary("a", 2), temporary("a", 3)
	stay := []string{".a.1.tmp", ".a.tmp", "..tmp", ".a.0" + stale[len(".a."):], stale[1:], stale + "~", ".b" + stale[2:]}
	for _, name := range append(stay, stale, "target") {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		age(t, 2*staleAfter, path)
	}
	if err := os.Symlink("target", filepath.Join(dir, link)); err != nil {
		t.Skipf("no symbolic link can be made here: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
		t.Fatal(err)
	}
	age(t, 2*staleAfter, filepath.Join(dir, sub))
	writeAfresh(t, filepath.Join(dir, "new"))
	want := append(stay, "target", "new", link, sub)
	got := names(t, dir)
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A folder is read once in a while, not for each file.
func TestSweepsNowAndThen(t *testing.T) {
	dir := t.TempDir()
	writeAfresh(t, filepath.Join(dir, "new"))
	left := filepath.Join(dir, temporary("a", 1))
	if err := os.WriteFile(left, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	age(t, 2*staleAfter, left)
	if err := Write(filepath.Join(dir, "new"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Error("the folder was read again")
	}
	writeAfresh(t, filepath.Join(dir, "new"))
	if _, err := os.Stat(left); err == nil {
		t.Error("a stale file is still there")
	}
}
