package job_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// TestUnique: of several orders with one key one waits, as early and as urgent as
// any of them; what has been taken does not count, nor does another kind.
func TestUnique(t *testing.T) {
	each(t, func(w *world) {
		late := w.db.Now().Add(time.Hour)
		w.add(job.Order{Args: sweep{1}, Unique: "k", At: late, Priority: job.Normal},
			job.Order{Args: sweep{2}, Unique: "k", Priority: job.Chore}, job.Order{Args: sweep{3}, Unique: "k", At: late, Priority: job.Urgent},
			job.Order{Args: sweep{4}, Unique: "other"}, job.Order{Args: letter{"x"}, Unique: "k"}, job.Order{Args: sweep{5}}, job.Order{Args: sweep{6}})
		w.wantStates("map[ready:5]")
		if n := w.count(`select count(*) from job where args = '{"N":1}' and priority = 0`); n != 1 || w.rows()[0].RunAt.Equal(late) {
			w.Errorf("the one that waits is not as early or urgent as it should be: %+v", w.rows()[0])
		}
		w.drain()
		w.add(job.Order{Args: sweep{7}, Unique: "k"})
		w.drain()
		w.wantStates("map[done:6]")
		if err := w.tryAdd(job.Order{Args: letter{"x"}, Unique: "k", Secret: secret.NewText("link")}); err == nil {
			w.Error("unique with a secret")
		}
	})
}

func (w *world) count(query string) (n int) {
	w.Helper()
	if err := w.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// TestUniqueWhileRunning: an order made while a job of its key runs waits for its
// turn; if the one that runs fails, it has nothing left to do.
func TestUniqueWhileRunning(t *testing.T) {
	each(t, func(w *world) {
		for _, fails := range []bool{false, true} {
			w.ran, w.then = nil, func(j job.Job) error {
				if string(j.Args) == `{"N":1}` {
					w.add(job.Order{Args: sweep{2}, Unique: "k"}, job.Order{Args: sweep{3}, Unique: "k"})
					if fails {
						return errBoom
					}
				}
				return nil
			}
			w.add(job.Order{Args: sweep{1}, Unique: "k"})
			w.drain()
			w.wantRan(`test.sweep{"N":1}`, `test.sweep{"N":2}`)
		}
		w.wantStates("map[done:4]")
	})
}

// TestUniqueTriedAgain: a job that failed waits for its next try with its key: an
// order of that key is the same work.
func TestUniqueTriedAgain(t *testing.T) {
	each(t, func(w *world) {
		fail := true
		w.then = func(job.Job) error {
			if fail {
				return errBoom
			}
			return nil
		}
		w.add(job.Order{Args: sweep{1}, Unique: "k"})
		w.drain()
		w.add(job.Order{Args: sweep{2}, Unique: "k"})
		if rows := w.rows(); len(rows) != 1 || !rows[0].Unique {
			w.Fatalf("%+v", rows)
		}
		fail = false
		w.drain() // the new order wants it now
		w.wantRan(`test.sweep{"N":1}`, `test.sweep{"N":1}`)
		w.wantStates("map[done:1]")
	})
}

// TestUniqueInTime: an act that orders work already waiting holds it back until
// the act has committed: else the worker could look before the change is there,
// and nobody would look again.
func TestUniqueInTime(t *testing.T) {
	w, dbs := onPostgres(t, 2)
	w.then = func(job.Job) error {
		if w.count(`select count(*) from installation_fact`) != 1 {
			t.Error("looked before the change was there")
		}
		return nil
	}
	w.add(job.Order{Args: sweep{1}, Unique: "k"})
	err := dbs[1].Write(ctx, []store.Lock{"acts"}, func(tx *store.Tx) error {
		if err := store.SetFact(ctx, tx, "x", ""); err != nil {
			return err
		}
		if err := job.Add(ctx, tx, w.ring, []job.Order{{Args: sweep{2}, Unique: "k"}}); err != nil {
			return err
		}
		n, err := w.worker(w.db).Once(ctx)
		if n != 0 {
			t.Errorf("took %d jobs", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.drain()
	w.wantRan(`test.sweep{"N":1}`)
}

// TestUniqueAtOnce: many acts order the same work while workers take it and fail:
// the work is done after the last order, and no end of a batch is lost to it.
func TestUniqueAtOnce(t *testing.T) {
	w, dbs := onPostgres(t, 3)
	w.then = func(job.Job) error {
		if len(w.rows())%2 == 0 {
			return errBoom
		}
		return nil
	}
	var acts, workers sync.WaitGroup
	stop := make(chan struct{})
	for _, db := range dbs[1:] {
		workers.Go(func() {
			for {
				if _, err := w.worker(db).Once(ctx); err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for a := range 4 {
		acts.Go(func() {
			for range 15 {
				if err := dbs[a%3].Write(ctx, []store.Lock{store.Lock(fmt.Sprint("act ", a))}, func(tx *store.Tx) error {
					return job.Add(ctx, tx, w.ring, []job.Order{{Args: sweep{1}, Unique: "k"}})
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	acts.Wait()
	close(stop)
	workers.Wait()
	w.then = nil
	w.clock.Add(24 * time.Hour)
	w.drain()
	if n := w.count(`select count(*) from job where state <> 'done'`); n != 0 {
		t.Errorf("%d left: %+v", n, w.rows())
	}
}
