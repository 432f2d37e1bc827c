package table

import (
	"io"
	"sync/atomic"
)

// progress counts what is read of a file. Its state may be asked for while
// another goroutine reads.
type progress struct {
	from  io.Reader
	done  atomic.Int64
	total int64 // bytes that from will give
	file  int64 // bytes of the file, where from gives more, unpacked
}

// Read passes on what from has.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	p.done.Add(int64(n))
	return n, err
}

// scale has the state told in bytes of the file instead of its unpacked part.
func (p *progress) scale(file int64) { p.file = file }

func (p *progress) state() (done, total int64) {
	done = min(p.done.Load(), p.total)
	if p.file == 0 || p.total == 0 {
		return done, p.total
	}
	return int64(float64(done) / float64(p.total) * float64(p.file)), p.file
}

// measure has the reading of input, which stands at byte at, counted.
func (r *Reader) measure(input io.ReadSeeker, at int64) error {
	total, err := input.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := input.Seek(at, io.SeekStart); err != nil {
		return err
	}
	r.meter = &progress{from: input, total: total}
	r.meter.done.Store(at)
	return nil
}
