package cells

// InMemory has Clean hold about so many rows in memory at a time.
func (o CleanOptions) InMemory(rows int) CleanOptions {
	o.inMemory = rows
	return o
}
