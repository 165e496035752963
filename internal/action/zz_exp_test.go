package action_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

func TestZZ(t *testing.T) {
	db := storetest.Open(t, store.PostgreSQL, storetest.Options{NoTwin: true})
	w := newWorld(t, db, &storetest.Clock{})
	release, in := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), []store.Lock{"long"}, func(tx *store.Tx) error {
			_, _, err := store.Fact(context.Background(), tx, "x")
			close(in)
			<-release
			return err
		})
	}()
	<-in
	began := time.Now()
	for i := range 6000 {
		b := time.Now()
		_, err := w.do(w.boss, w.edit(), w.does("x"))
		if d := time.Since(b); d > time.Second || err != nil {
			fmt.Println("act", i, "after", time.Since(began), "took", d, err, "retries", store.Retries.Load())
			if err != nil {
				break
			}
		}
	}
	fmt.Println("in", time.Since(began))
	close(release)
	fmt.Println("long:", <-done)
	b := time.Now()
	_, err := w.do(w.boss, w.edit(), w.does("x"))
	fmt.Println("afterwards", time.Since(b), err)
}
