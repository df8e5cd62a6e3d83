module anomem/testdata/peers

go 1.26
