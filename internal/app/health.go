package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"habilis/internal/store"
)

// The probes.
const (
	pathLive  = "/livez"
	pathReady = "/readyz"
)

// MaxSkew is how far the clock of this machine may be from the database's: beyond
// it, links and sessions would end at different times on two nodes (F7).
const MaxSkew = time.Minute

// probeTime bounds one look at the database.
const probeTime = 2 * time.Second

// health knows whether the server should get requests.
type health struct {
	db       *store.DB
	draining atomic.Bool  // the server is stopping
	working  atomic.Int32 // workers that run
	workers  int32        // workers there should be
	damage   atomic.Pointer[string]
	remark   func() string // what the operator should look at although requests are served; nil: nothing
}

// live answers as long as the process turns.
func (h *health) live(w http.ResponseWriter, _ *http.Request) { answerProbe(w, nil) }

// ready answers 200 when a request sent now would be served.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	err := h.check(r.Context())
	answerProbe(w, err)
	if err == nil && h.remark != nil {
		if s := h.remark(); s != "" {
			fmt.Fprintln(w, s)
		}
	}
}

func answerProbe(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, err)
		return
	}
	fmt.Fprintln(w, "ok")
}

// What is wrong, in words that tell a stranger nothing of the inside.
var (
	errDraining = errors.New("stopping")
	errWorker   = errors.New("the worker does not run")
	errDatabase = errors.New("the database does not answer")
	errSchema   = errors.New("the schema is not the one of this program")
	errSkew     = errors.New("the clock is more than a minute from the database's")
	errDamage   = errors.New("the database is damaged")
)

func (h *health) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	switch {
	case h.draining.Load():
		return errDraining
	case h.working.Load() < h.workers:
		return errWorker
	case h.damage.Load() != nil:
		return errDamage
	case h.db.Ping(ctx) != nil:
		return errDatabase
	case h.db.CheckSchema(ctx) != nil:
		return errSchema
	}
	skew, err := h.db.Skew(ctx)
	if err != nil {
		return errDatabase
	}
	if skew.Abs() > MaxSkew {
		return errSkew
	}
	return nil
}
