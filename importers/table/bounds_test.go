package table

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// heapNow is what is in use after everything else is gone.
func heapNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// longSheet is a sheet with every so many of its 1,048,576 rows formatted and
// empty, and two rows of data in it.
func longSheet(t testing.TB, every int) []byte {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c><c r="B1" t="inlineStr"><is><t>数</t></is></c></row>`)
	for i := max(every, 2); i <= 1<<20; i += every {
		if i == 4096 || i == 1<<20 {
			fmt.Fprintf(&b, `<row r="%d"><c r="A%d" t="inlineStr"><is><t>甲乙</t></is></c><c r="B%d" s="1"><v>1</v></c></row>`, i, i, i)
			continue
		}
		fmt.Fprintf(&b, `<row r="%d" spans="1:2" s="1" customFormat="1"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>`, i, i, i)
	}
	return workbookOf(t, b.String(), "", "")
}

func TestFormattedRowsToTheLastAreRead(t *testing.T) {
	raw := longSheet(t, 16)
	before := heapNow()
	r, err := NewXLSX("a.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, _ := sourcetest.All(t, r)
	if got := show(records); got != "4096 [甲乙 1]\n1048576 [甲乙 1]" {
		t.Errorf("got\n%s", got)
	}
	const most = 16 << 20
	if after := heapNow(); after > before+most {
		t.Errorf("%d MB more are in use", (after-before)>>20)
	}
}

func BenchmarkFormattedRows(b *testing.B) {
	raw := longSheet(b, 1)
	for b.Loop() {
		r, err := NewXLSX("a.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}

func TestAnEnormousLineCostsItself(t *testing.T) {
	t.Parallel()
	text := "a,b\n1,2\n3," + strings.Repeat("x", largestRow) + "\n4,5\n6,\"7\n8," + strings.Repeat("x", largestRow) + "\n9,10\n"
	r, err := NewCSV("a.csv", strings.NewReader(text), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, unread := sourcetest.All(t, r)
	if got := show(records); got != "2 [1 2]\n4 [4 5]\n7 [9 10]" || len(unread) != 3 || unread[0].Row != 3 || unread[1].Row != 5 || unread[2].Row != 6 {
		t.Errorf("got\n%s\nunread %v", got, unread)
	}
}

// An unclosed quotation mark in every row must not have each of them read to
// the end of the file.
func TestQuotesThatNeverClose(t *testing.T) {
	t.Parallel()
	text := "a,b,c\n1,2,3\n" + strings.Repeat("1,\"x,2\n1,2,3\n1,2,3\n", 300)
	r, err := NewCSV("a.csv", strings.NewReader(text), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, unread := sourcetest.All(t, r)
	if len(records) != 601 || len(unread) != 300 || unread[1].Row != 6 {
		t.Errorf("%d records, %d unread, the second %v", len(records), len(unread), unread[1])
	}
	var row *source.RowError
	if !errors.As(error(unread[0]), &row) || row.Kind != source.BadRow {
		t.Errorf("%v", unread[0])
	}
}
