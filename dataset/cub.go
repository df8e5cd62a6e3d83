package dataset

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files of CUB-200-2011 (Wah et al. 2011), in a folder of that name or given alone.
const (
	cubFolder = "CUB_200_2011"
	cubNames  = "images.txt"           // NUMBER PATH, a line an image, below images
	cubSplit  = "train_test_split.txt" // NUMBER, and 1 for training or 0 for the test
	cubImages = "images"
)

func hasCUB(f *folder) bool { return cubFiles(f) || f.hasDir(cubFolder) && cubFiles(f.in(cubFolder)) }

func cubFiles(f *folder) bool { return f.has(cubNames) && f.has(cubSplit) && f.hasDir(cubImages) }

// readCUB reads a folder for each class below images, with the published split.
func readCUB(r *reader) error {
	f, err := r.unpackedAt(cubFolder, cubFiles)
	if err != nil {
		return err
	}
	names, err := cubTable(filepath.Join(f.path, cubNames))
	if err != nil {
		return err
	}
	split, err := cubTable(filepath.Join(f.path, cubSplit))
	if err != nil {
		return err
	}
	of := map[string]string{}
	for _, number := range slices.Sorted(maps.Keys(names)) {
		name := names[number]
		switch split[number] {
		case "1":
			of[cubImages+"/"+name] = Train
		case "0":
			of[cubImages+"/"+name] = Test
		default:
			return fmt.Errorf("%s says %q of image %s, %s: want 1 or 0", filepath.Join(f.path, cubSplit), split[number], number, name)
		}
	}
	if err := r.addClasses(f.in(cubImages), cubImages, ""); err != nil {
		return err
	}
	for i := range r.Items {
		it := &r.Items[i]
		if it.Split = of[it.rel]; it.Split == "" {
			return fmt.Errorf("%s is not in %s: it would be trained on and tested, or neither", it.Path, filepath.Join(f.path, cubNames))
		}
		delete(of, it.rel)
	}
	if missing := slices.Sorted(maps.Keys(of)); len(missing) > 0 {
		return fmt.Errorf("%s lists %d images that are not there, such as %s: is the folder complete?", filepath.Join(f.path, cubNames), len(missing), missing[0])
	}
	return nil
}

// cubTable reads lines of a number and a text, by the numbers.
func cubTable(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := parseCUB(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// parseCUB is cubTable for what a file holds.
func parseCUB(in io.Reader) (map[string]string, error) {
	rows := map[string]string{}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		number, text, ok := strings.Cut(line, " ")
		if _, twice := rows[number]; !ok || twice {
			return nil, fmt.Errorf("line %d, %q: want a number of its own, a space and a text", n, line)
		}
		rows[number] = strings.TrimSpace(text)
	}
	return rows, lines.Err()
}
