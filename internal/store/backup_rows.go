package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"
)

// Marks of the records of a backup, and of the values in a row.
const (
	markTable = 'T'
	markRow   = 'R'
	markEnd   = 'E'

	markNull  = 'n'
	markInt   = 'i'
	markText  = 's'
	markBytes = 'b'
	markTime  = 't' // microseconds since 1970: what both engines keep
	markTrue  = '1'
	markFalse = '0'
)

// Bounds of what a backup may hold, so that a damaged length takes no memory.
const (
	maxValueBytes = 64 << 20
	maxColumns    = 1000
	maxTables     = 1000
)

var errRecord = errors.New("store: a record of the backup cannot be read")

type rowWriter struct{ out *bufio.Writer }

func newRowWriter(w io.Writer) *rowWriter { return &rowWriter{bufio.NewWriter(w)} }

func (w *rowWriter) number(n uint64) {
	_, _ = w.out.Write(binary.AppendUvarint(nil, n)) // bufio keeps the error until Flush
}

func (w *rowWriter) text(s string) {
	w.number(uint64(len(s)))
	_, _ = w.out.WriteString(s)
}

func (w *rowWriter) mark(c byte) { _ = w.out.WriteByte(c) }

func (w *rowWriter) table(t Table) error {
	w.mark(markTable)
	w.text(t.Name)
	w.number(uint64(len(t.Columns)))
	for _, c := range t.Columns {
		w.text(c)
	}
	return nil
}

func (w *rowWriter) row(values []any) error {
	w.mark(markRow)
	for _, v := range values {
		if err := w.value(v); err != nil {
			return err
		}
	}
	return nil
}

func (w *rowWriter) value(v any) error {
	switch v := v.(type) {
	case nil:
		w.mark(markNull)
	case int64:
		w.mark(markInt)
		_, _ = w.out.Write(binary.AppendVarint(nil, v))
	case string:
		w.mark(markText)
		w.text(v)
	case []byte:
		w.mark(markBytes)
		w.text(string(v))
	case time.Time:
		w.mark(markTime)
		_, _ = w.out.Write(binary.AppendVarint(nil, v.UnixMicro()))
	case bool:
		if v {
			w.mark(markTrue)
		} else {
			w.mark(markFalse)
		}
	default:
		return fmt.Errorf("store: a backup has no form for %T", v)
	}
	return nil
}

// end writes how many rows each table had.
func (w *rowWriter) end(counts map[string]int64) error {
	w.mark(markEnd)
	w.number(uint64(len(counts)))
	for name, n := range counts {
		w.text(name)
		w.number(uint64(n)) //nolint:gosec // a count is never negative
	}
	return nil
}

// rowError tells an error of who reads from damage of what is read.
type rowError struct{ error }

func (e *rowError) Unwrap() error { return e.error }

type rowReader struct{ in *bufio.Reader }

func newRowReader(r io.Reader) *rowReader { return &rowReader{bufio.NewReader(r)} }

// all reads every record and compares the counts at the end.
func (r *rowReader) all(fn func(Table, []any) error) (map[string]int64, error) {
	counts := map[string]int64{}
	var t Table
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return nil, errRecord
		}
		switch c {
		case markTable:
			if t, err = r.table(); err != nil {
				return nil, err
			}
			counts[t.Name] = 0
		case markRow:
			values, err := r.row(len(t.Columns))
			if err != nil {
				return nil, err
			}
			counts[t.Name]++
			if fn == nil {
				continue
			}
			if err := fn(t, values); err != nil {
				return nil, &rowError{err}
			}
		case markEnd:
			return counts, r.end(counts)
		default:
			return nil, errRecord
		}
	}
}

func (r *rowReader) end(counts map[string]int64) error {
	n, err := r.number(maxTables)
	if err != nil {
		return err
	}
	said := map[string]int64{}
	for range n {
		name, err := r.text()
		if err != nil {
			return err
		}
		rows, err := binary.ReadUvarint(r.in)
		if err != nil {
			return errRecord
		}
		said[name] = int64(rows) //nolint:gosec // compared with a count below
	}
	if !maps.Equal(said, counts) {
		return errRecord
	}
	return nil
}

func (r *rowReader) number(limit uint64) (int, error) {
	n, err := binary.ReadUvarint(r.in)
	if err != nil || n > limit {
		return 0, errRecord
	}
	return int(n), nil //nolint:gosec // bounded
}

func (r *rowReader) text() (string, error) {
	n, err := r.number(maxValueBytes)
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r.in, b); err != nil {
		return "", errRecord
	}
	return string(b), nil
}

func (r *rowReader) table() (t Table, err error) {
	if t.Name, err = r.text(); err != nil {
		return t, err
	}
	n, err := r.number(maxColumns)
	if err != nil {
		return t, err
	}
	for range n {
		c, err := r.text()
		if err != nil {
			return t, err
		}
		t.Columns = append(t.Columns, c)
	}
	return t, nil
}

func (r *rowReader) row(columns int) ([]any, error) {
	values := make([]any, columns)
	for i := range values {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (r *rowReader) value() (any, error) {
	c, err := r.in.ReadByte()
	if err != nil {
		return nil, errRecord
	}
	switch c {
	case markNull:
		return nil, nil //nolint:nilnil // null is a value
	case markInt, markTime:
		n, err := binary.ReadVarint(r.in)
		if err != nil {
			return nil, errRecord
		}
		if c == markTime {
			return time.UnixMicro(n).UTC(), nil
		}
		return n, nil
	case markText:
		return r.text()
	case markBytes:
		s, err := r.text()
		return []byte(s), err
	case markTrue, markFalse:
		return c == markTrue, nil
	}
	return nil, errRecord
}
