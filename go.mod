module anomem

go 1.26
