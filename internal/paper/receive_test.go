package paper

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// rules.md 16: a file is read up to its bound, whatever its sender says of its size.
func TestReceive(t *testing.T) {
	want := bytes.Repeat([]byte("papier "), 50_000)
	for _, size := range []int64{-1, 0, 10, int64(len(want)), int64(len(want)) + 7} {
		got, done, err := Receive(t.Context(), iotest.OneByteReader(bytes.NewReader(want)), size)
		done()
		done()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("size %d: %d bytes, %v", size, len(got), err)
		}
	}
	for _, size := range []int64{-1, 10, MaxBytes, MaxBytes + 1} {
		_, done, err := Receive(t.Context(), io.LimitReader(endless{}, MaxBytes+1), size)
		done()
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("size %d: %v", size, err)
		}
	}
	if len(places) != 0 {
		t.Errorf("%d places are taken", len(places))
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A file beyond AtOnce waits for a place, and is told to come back when none is free.
func TestReceiveBusy(t *testing.T) {
	var all []func()
	for range AtOnce {
		_, done, err := Receive(t.Context(), strings.NewReader("x"), 1)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, done)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, done, err := Receive(ctx, strings.NewReader("x"), 1); !errors.Is(err, ErrBusy) { // paper.busy
		t.Error(err)
		done()
	}
	all[0]()
	_, done, err := Receive(t.Context(), strings.NewReader("x"), 1)
	if err != nil {
		t.Error("a place is free:", err)
	}
	done()
	for _, f := range all {
		f()
	}
}
