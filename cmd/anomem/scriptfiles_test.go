package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"anomem/imageio"
	"anomem/synthetic"
)

// fileSteps are the steps of a script that make and compare files, by paths below its
// folder. With ! before one, it must fail.
//
//	pictures DIR TRAIN GOOD EACH [SIZE]   so many generated pictures in the layout of
//	                   MVTec AD: normal ones to train and to test, and anomalies of
//	                   each of the three kinds with masks
//	picture FILE W H   a grey picture
//	disc FILE W H      a white disc on black, as wide as half of the picture
//	painted FROM MASK TO   a picture with other colours where a mask marks nothing
//	twelvebits FROM TO   writes a folder's pictures to another, with values of 12 bits in
//	                   16: v becomes 400 + 2v
//	mkdir DIR
//	cp FROM TO         copies a file
//	mv FROM TO         moves a file or a folder
//	link FROM TO N     makes N more names of a file: TO with 0, 1 ... before the extension
//	rm PATH
//	chmod MODE PATH    skips the script for the root user, who may do all
//	write FILE WORD... writes a text
//	append FILE WORD...  adds a line
//	cut FILE N         leaves the first N bytes of a file
//	exists PATH
//	files DIR N        the folder holds N files
//	same FILE FILE     their bytes are equal
//	sametree DIR DIR   they hold files of the same names and bytes
//	png FILE W H       it is a PNG of that size, with more than one colour
//	lines FILE N REGEXP  N of its lines match
var fileSteps = map[string]func(s *script, args []string) error{
	"pictures": func(s *script, args []string) error {
		var n [4]int
		for i, a := range args[1:] {
			var err error
			if n[i], err = strconv.Atoi(a); err != nil {
				return err
			}
		}
		return synthetic.WriteFolder(context.Background(), s.path(args[0]), synthetic.Options{Size: n[3]}, 1, synthetic.Counts{Train: n[0], Good: n[1], Each: n[2]})
	},
	"picture": func(s *script, args []string) error {
		w, errW := strconv.Atoi(args[1])
		h, errH := strconv.Atoi(args[2])
		if err := errors.Join(errW, errH); err != nil {
			return err
		}
		return imageio.WritePNG(s.path(args[0]), image.NewGray(image.Rect(0, 0, w, h)))
	},
	"painted": func(s *script, args []string) error {
		m, errImage := imageio.DecodeFile(s.path(args[0]))
		mask, errMask := imageio.DecodeMaskFile(s.path(args[1]))
		if err := errors.Join(errImage, errMask, os.MkdirAll(filepath.Dir(s.path(args[2])), 0o777)); err != nil {
			return err
		}
		for i, v := range m.Pix {
			if !mask.Pix[i/3] {
				m.Pix[i] = v + byte(77*i)
			}
		}
		return imageio.WritePNG(s.path(args[2]), m.ToImage())
	},
	"disc": func(s *script, args []string) error {
		w, errW := strconv.Atoi(args[1])
		h, errH := strconv.Atoi(args[2])
		if err := errors.Join(errW, errH); err != nil {
			return err
		}
		m := image.NewGray(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			if x, y := 2*(i%w)+1-w, 2*(i/w)+1-h; 4*(x*x+y*y) < w*w {
				m.Pix[i] = 255
			}
		}
		return imageio.WritePNG(s.path(args[0]), m)
	},
	"twelvebits": func(s *script, args []string) error { return twelveBits(s.path(args[0]), s.path(args[1])) },
	"mkdir":      func(s *script, args []string) error { return os.MkdirAll(s.path(args[0]), 0o777) },
	"cp": func(s *script, args []string) error {
		b, err := os.ReadFile(s.path(args[0]))
		if err != nil {
			return err
		}
		return os.WriteFile(s.path(args[1]), b, 0o666)
	},
	"mv": func(s *script, args []string) error { return os.Rename(s.path(args[0]), s.path(args[1])) },
	"link": func(s *script, args []string) error {
		n, err := strconv.Atoi(args[2])
		for i := range n {
			ext := filepath.Ext(args[1])
			err = errors.Join(err, os.Link(s.path(args[0]), s.path(fmt.Sprintf("%s%d%s", strings.TrimSuffix(args[1], ext), i, ext))))
		}
		return err
	},
	"rm": func(s *script, args []string) error { return os.RemoveAll(s.path(args[0])) },
	"chmod": func(s *script, args []string) error {
		if os.Getuid() <= 0 {
			s.t.Skip("for this user no permission is missing")
		}
		mode, err := strconv.ParseUint(args[0], 8, 32)
		if err != nil {
			return err
		}
		return os.Chmod(s.path(args[1]), fs.FileMode(mode))
	},
	"write": func(s *script, args []string) error {
		return os.WriteFile(s.path(args[0]), []byte(strings.Join(args[1:], " ")+"\n"), 0o666)
	},
	"append": func(s *script, args []string) error {
		f, err := os.OpenFile(s.path(args[0]), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(f, strings.Join(args[1:], " "))
		return errors.Join(err, f.Close())
	},
	"cut": func(s *script, args []string) error {
		n, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return err
		}
		return os.Truncate(s.path(args[0]), n)
	},
	"exists": func(s *script, args []string) error {
		_, err := os.Lstat(s.path(args[0]))
		return err
	},
	"files": func(s *script, args []string) error {
		files, err := os.ReadDir(s.path(args[0]))
		if err == nil && strconv.Itoa(len(files)) != args[1] {
			return fmt.Errorf("it holds %v", files)
		}
		return err
	},
	"same": func(s *script, args []string) error {
		a, errA := os.ReadFile(s.path(args[0]))
		b, errB := os.ReadFile(s.path(args[1]))
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			return errors.New("they differ")
		}
		return nil
	},
	"sametree": func(s *script, args []string) error { return sameFolders(s.path(args[0]), s.path(args[1])) },
	"png": func(s *script, args []string) error {
		f, err := os.Open(s.path(args[0]))
		if err != nil {
			return err
		}
		defer f.Close()
		m, err := png.Decode(f)
		if err != nil {
			return err
		}
		b := m.Bounds()
		if got := fmt.Sprint(b.Dx(), b.Dy()); got != args[1]+" "+args[2] {
			return fmt.Errorf("it is of size %s", got)
		}
		for i := range b.Dx() * b.Dy() {
			if m.At(i%b.Dx(), i/b.Dx()) != m.At(0, 0) {
				return nil
			}
		}
		return errors.New("it is of one colour")
	},
	"lines": func(s *script, args []string) error {
		b, err := os.ReadFile(s.path(args[0]))
		if err != nil {
			return err
		}
		n := 0
		for line := range bytes.Lines(b) {
			if matches(args[2], line) {
				n++
			}
		}
		if strconv.Itoa(n) != args[1] {
			return fmt.Errorf("%d lines match in\n%s", n, b)
		}
		return nil
	},
}

// twelveBits writes the grey of a folder's pictures to another folder, in 16 bits.
func twelveBits(from, to string) error {
	files, err := os.ReadDir(from)
	err = errors.Join(err, os.MkdirAll(to, 0o777))
	for _, f := range files {
		m, errDecode := imageio.DecodeFile(filepath.Join(from, f.Name()))
		if errDecode != nil {
			return errDecode
		}
		deep := image.NewGray16(image.Rect(0, 0, m.W, m.H))
		for i := range m.W * m.H {
			deep.SetGray16(i%m.W, i/m.W, color.Gray16{Y: 400 + 2*uint16(m.Pix[3*i])})
		}
		err = errors.Join(err, imageio.WritePNG(filepath.Join(to, f.Name()), deep))
	}
	return err
}

// path is that of a name below the script's folder.
func (s *script) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// sameFolders returns an error unless two folders hold files of the same names and bytes.
func sameFolders(a, b string) error {
	var names [2][]string
	for i, dir := range []string{a, b} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") {
				names[i] = append(names[i], e.Name())
			}
		}
	}
	if !slices.Equal(names[0], names[1]) {
		return fmt.Errorf("they hold %v and %v", names[0], names[1])
	}
	for _, name := range names[0] {
		one, errA := os.ReadFile(filepath.Join(a, name))
		other, errB := os.ReadFile(filepath.Join(b, name))
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		if !bytes.Equal(one, other) {
			return fmt.Errorf("%s differs", name)
		}
	}
	return nil
}
