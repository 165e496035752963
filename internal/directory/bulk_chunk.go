package directory

import (
	"bytes"
	"errors"
	"io"
)

// chunkBytes is how much of a file is parsed at once.
const chunkBytes = 256 << 10

// chunk is some whole lines of a file.
type chunk struct {
	first   int64 // number of its first line
	data    []byte
	tooLong bool // one line that is longer than a chunk, and is not kept
}

// cutter cuts a file into chunks.
type cutter struct {
	r        io.Reader
	emit     func(chunk) error
	line     int64 // the next one
	rest     []byte
	skipping bool // the rest of a line that is too long
}

// chunks cuts what r gives at ends of lines; the first line has the number first. The
// memory of a chunk is the receiver's. A line longer than a chunk is dropped, and told.
func chunks(r io.Reader, first int64, emit func(chunk) error) error {
	c := cutter{r: r, emit: emit, line: first}
	for {
		data := make([]byte, chunkBytes)
		copy(data, c.rest)
		n, last, err := fill(r, data[len(c.rest):])
		if err != nil {
			return err
		}
		if err := c.cut(c.skip(data[:len(c.rest)+n]), last); err != nil || last {
			return err
		}
	}
}

// skip drops the rest of a line that is too long.
func (c *cutter) skip(data []byte) []byte {
	if !c.skipping {
		return data
	}
	_, after, found := bytes.Cut(data, newline)
	if !found {
		return nil
	}
	c.skipping = false
	c.line++
	return after
}

// cut emits the whole lines, and keeps the rest for the next time.
func (c *cutter) cut(data []byte, last bool) error {
	end := bytes.LastIndexByte(data, '\n') + 1
	if last {
		end = len(data)
	}
	c.rest = data[end:]
	if len(c.rest) == chunkBytes {
		c.skipping, c.rest = true, nil
		return c.emit(chunk{first: c.line, tooLong: true})
	}
	if end == 0 {
		return nil
	}
	first := c.line
	c.line += int64(bytes.Count(data[:end], newline))
	return c.emit(chunk{first: first, data: data[:end]})
}

// fill reads until b is full or r ends. An archive that ends before it should is an error
// of its own, which io.ReadFull would not tell from the end.
func fill(r io.Reader, b []byte) (n int, last bool, err error) {
	for n < len(b) {
		k, err := r.Read(b[n:])
		n += k
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}
