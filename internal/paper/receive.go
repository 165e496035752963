package paper

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"habilis/internal/fault"
)

// Bounds of what is received at a time on this node, for the memory it takes.
const (
	AtOnce      = 8                // files, from their first byte until they are kept
	ReceiveWait = 10 * time.Second // for a place among them
	ReceiveTime = time.Minute      // for a file to arrive; the doors see to it
)

// ErrBusy is the refusal of a file that found no place.
var ErrBusy = fault.New(fault.Unavailable, "paper.busy").After(ReceiveWait)

// places are those of the files being received.
var places = make(chan struct{}, AtOnce)

// Receive reads a file, of the size that its sender says, into memory. done gives its place
// back, and must be called once the file is kept or refused; it may be called twice. Errors:
// ErrTooLarge, ErrBusy, and r's.
func Receive(ctx context.Context, r io.Reader, size int64) (data []byte, done func(), err error) {
	if size > MaxBytes {
		return nil, func() {}, ErrTooLarge
	}
	wait, cancel := context.WithTimeout(ctx, ReceiveWait)
	defer cancel()
	select {
	case places <- struct{}{}:
	case <-wait.Done():
		return nil, func() {}, ErrBusy
	}
	done = sync.OnceFunc(func() { <-places })
	data, err = readAll(r, size)
	return data, done, err
}

// readAll reads what is at most MaxBytes long. A sender who says the size spares the copies
// of a buffer that grows.
func readAll(r io.Reader, size int64) ([]byte, error) {
	if size < 0 {
		size = 0
	}
	buf := make([]byte, 0, size+1)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), MaxBytes+1)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > MaxBytes:
			return nil, ErrTooLarge
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			return nil, err
		}
	}
}
