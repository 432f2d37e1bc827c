package lattice

import "math/bits"

// crossSign returns the sign of ax·by − ay·bx without overflow.
func crossSign(ax, ay, bx, by int64) int {
	h1, l1 := mul(ax, by)
	h2, l2 := mul(ay, bx)
	switch {
	case h1 != h2:
		if h1 > h2 {
			return 1
		}
		return -1
	case l1 > l2:
		return 1
	case l1 < l2:
		return -1
	}
	return 0
}

// mul returns the signed 128-bit product.
func mul(a, b int64) (hi int64, lo uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	h2 := int64(h)
	if a < 0 {
		h2 -= b
	}
	if b < 0 {
		h2 -= a
	}
	return h2, l
}
