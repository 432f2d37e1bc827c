package merge

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// rows are rows for COPY as PostgreSQL's binary format has them, without its
// beginning and end: the millions of values of a mosaic would each be boxed and
// looked up by pgx's own.
type rows []byte

// row begins one of so many columns.
func (r *rows) row(columns int) { *r = binary.BigEndian.AppendUint16(*r, uint16(columns)) }

func (r *rows) size(n int) { *r = binary.BigEndian.AppendUint32(*r, uint32(n)) }

func (r *rows) null() { r.size(-1) }

func (r *rows) bytes(b []byte) {
	r.size(len(b))
	*r = append(*r, b...)
}

func (r *rows) text(s string) {
	r.size(len(s))
	*r = append(*r, s...)
}

func (r *rows) maybe(s *string) {
	if s == nil {
		r.null()
		return
	}
	r.text(*s)
}

func (r *rows) bool(b bool) {
	r.size(1)
	if b {
		*r = append(*r, 1)
		return
	}
	*r = append(*r, 0)
}

func (r *rows) integer(n int32) {
	r.size(4)
	*r = binary.BigEndian.AppendUint32(*r, uint32(n))
}

// id is a bigint, null where there is none.
func (r *rows) id(n *int64) {
	if n == nil {
		r.null()
		return
	}
	r.size(8)
	*r = binary.BigEndian.AppendUint64(*r, uint64(*n))
}

// ids is a bigint[].
func (r *rows) ids(list []int64) {
	const bigint = 20 // pg_type
	r.size(20 + 12*len(list))
	for _, n := range [...]int32{1, 0, bigint, int32(len(list)), 1} {
		*r = binary.BigEndian.AppendUint32(*r, uint32(n))
	}
	for _, n := range list {
		r.id(&n)
	}
}

func (r *rows) float(f float64) {
	r.size(8)
	*r = binary.BigEndian.AppendUint64(*r, math.Float64bits(f))
}

// shape is a geometry (EPSG:4326) as EWKB, little-endian.
func (r *rows) shape(shape orb.MultiPolygon) {
	size := 13
	for _, polygon := range shape {
		size += 9
		for _, ring := range polygon {
			size += 4 + 16*len(ring)
		}
	}
	r.size(size)
	out := append(*r, 1)
	out = binary.LittleEndian.AppendUint32(out, wkbMultiPolygon|ewkbSRID)
	out = binary.LittleEndian.AppendUint32(out, 4326)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(shape)))
	for _, polygon := range shape {
		out = binary.LittleEndian.AppendUint32(append(out, 1), wkbPolygon)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(polygon)))
		for _, ring := range polygon {
			out = binary.LittleEndian.AppendUint32(out, uint32(len(ring)))
			for _, p := range ring {
				out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p[0]))
				out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p[1]))
			}
		}
	}
	*r = out
}

// copyRows copies rows to a table, named with its columns.
func copyRows(ctx context.Context, tx pgx.Tx, table string, parts ...rows) error {
	const begin, end = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xff"
	all := []io.Reader{bytes.NewReader([]byte(begin))}
	for _, part := range parts {
		all = append(all, bytes.NewReader(part))
	}
	all = append(all, bytes.NewReader([]byte(end)))
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, io.MultiReader(all...), `COPY `+table+` FROM STDIN (FORMAT binary)`); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}
