package main

import "anomem/imageio"

func (d drawn) Size(i int) (w, h int)           { return d[i].Image.W, d[i].Image.H }
func (d drawn) Mask(int) (*imageio.Mask, error) { return nil, nil }
