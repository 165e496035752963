package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Bounds of the connections (rules.md 14, INJ-09).
const (
	HeaderTime  = 5 * time.Second  // for the headers of a request to arrive
	BodyTime    = 30 * time.Second // for the whole request to arrive
	AnswerTime  = 2 * time.Minute  // for the answer to be taken
	IdleTime    = time.Minute      // between two requests on a connection
	HeaderBytes = 32 << 10
)

// How the server stops (F22): readiness goes off, requests still come for a
// moment, then those under way are finished, all within StopTime.
const (
	StopTime  = 10 * time.Second
	LeaveTime = 2 * time.Second // for proxies to notice; none in development
)

// Run serves until ctx ends, then stops without cutting anybody off, and closes.
func (a *App) Run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var background sync.WaitGroup
	a.startWorkers(work, &background)
	servers, err := a.serve()
	if err != nil {
		stopWork()
		background.Wait()
		return errors.Join(err, a.Close())
	}
	a.Log.Info("ready", "address", a.Public.String(), "listen", a.Addr().String(), "database", a.DB.Engine.String(), "version", Version)
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-servers.failed:
	}
	a.health.draining.Store(true)
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), StopTime)
	defer cancel()
	a.Log.Info("stopping")
	a.leave(deadline)
	err = servers.stop(deadline)
	stopWork()
	waitFor(deadline, &background)
	if e := a.Uses.Flush(deadline); e != nil {
		a.Log.Warn("the last uses of rights were not written", "err", e) // they prove nothing
	}
	if e := a.heads.keepAll(deadline); e != nil {
		a.Log.Warn("the heads of the trail were not signed", "err", e) // the next start signs them
	}
	err = errors.Join(failed, err, a.Close())
	a.Log.Info("stopped")
	return err
}

// leave keeps serving while proxies take this server out of their list.
func (a *App) leave(ctx context.Context) {
	if loopbackURL(a.Public) {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(LeaveTime):
	}
}

// waitFor waits for the background to end, no longer than ctx lasts: a job cut
// off is taken over when its lease ends.
func waitFor(ctx context.Context, background *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		background.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// startWorkers starts the jobs, the timetable, and the first look at the whole
// database (F20).
func (a *App) startWorkers(ctx context.Context, background *sync.WaitGroup) {
	for range a.workers() {
		background.Go(func() {
			a.health.working.Add(1)
			defer a.health.working.Add(-1)
			defer a.surviving("worker")
			a.Worker.Run(ctx)
		})
	}
	background.Go(func() {
		defer a.surviving("events out")
		a.Sender.Run(ctx)
	})
	background.Go(func() {
		defer a.surviving("log of decisions")
		a.Decided.Keep(ctx)
	})
	background.Go(func() {
		defer a.surviving("announcements of changes")
		a.Decisions.Listen(ctx)
	})
	background.Go(func() {
		defer a.surviving("timetable")
		a.chores().Run(ctx)
	})
	background.Go(func() {
		defer a.surviving("integrity")
		if err := a.integrity(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("the database could not be checked", "err", err)
		}
	})
}

// surviving keeps a panic of the background from ending the server; /readyz then
// says that the worker does not run.
func (a *App) surviving(what string) {
	if p := recover(); p != nil {
		a.Log.Error("panic", "in", what, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// servers are the listeners of one run.
type servers struct {
	list   []*http.Server
	failed chan error
}

// serve opens the other listeners and serves on all.
func (a *App) serve() (*servers, error) {
	s := &servers{failed: make(chan error, 3)} //nolint:mnd // one a listener
	s.add(a.listener, a.front, a.Log)
	if a.Config.MetricsListen != "" {
		l, err := net.Listen("tcp", a.Config.MetricsListen) //nolint:noctx // opened at once
		if err != nil {
			return nil, refuse("--metrics-listen", "%s", err)
		}
		a.Log.Info("metrics", "listen", l.Addr().String())
		s.add(l, a.metrics.handler(), a.Log)
	}
	if a.folder != nil {
		l, err := a.folder.listen()
		if err != nil {
			return nil, err
		}
		s.add(l, a.socketHandler(), a.Log)
	}
	return s, nil
}

func (s *servers) add(l net.Listener, h http.Handler, log *slog.Logger) {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: HeaderTime, ReadTimeout: BodyTime, WriteTimeout: AnswerTime, IdleTimeout: IdleTime,
		MaxHeaderBytes: HeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if l.Addr().Network() == "unix" {
		srv.WriteTimeout, srv.ReadTimeout = 0, 0 // a backup takes the time it takes
	}
	s.list = append(s.list, srv)
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
}

// stop waits for the requests under way; those that last longer than ctx are cut.
func (s *servers) stop(ctx context.Context) error {
	var err error
	for _, srv := range s.list {
		if e := srv.Shutdown(ctx); e != nil {
			err = errors.Join(err, wrap("requests were cut off", e), srv.Close())
		}
	}
	return err
}
