package kernels

import (
	"os"

	"golang.org/x/sys/unix"
)

// noGuardPages says why there are no guard pages; it is empty if there are.
const noGuardPages = ""

// newMemory maps the areas with a page on either side that may not be touched.
func newMemory() (*memory, error) {
	page := os.Getpagesize()
	whole, err := unix.Mmap(-1, 0, operands*(areaSize+page)+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	m := &memory{free: func() { unix.Munmap(whole) }}
	for i := range operands + 1 {
		at := i * (areaSize + page)
		if err := unix.Mprotect(whole[at:at+page], unix.PROT_NONE); err != nil {
			m.free()
			return nil, err
		}
		if i < operands {
			m.areas[i] = whole[at+page : at+page+areaSize]
		}
	}
	return m, nil
}
