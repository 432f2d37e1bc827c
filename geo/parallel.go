package geo

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel works through 0..n in pieces on every processor. Each of them calls
// worker once, so that what a piece needs can be kept from piece to piece.
func parallel(n, piece int, worker func() func(lo, hi int)) {
	pieces := (n + piece - 1) / piece
	workers := min(runtime.GOMAXPROCS(0), pieces)
	if workers <= 1 {
		if n > 0 {
			worker()(0, n)
		}
		return
	}
	var done atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			work := worker()
			for {
				hi := int(done.Add(int64(piece)))
				if hi-piece >= n {
					return
				}
				work(hi-piece, min(hi, n))
			}
		})
	}
	all.Wait()
}
