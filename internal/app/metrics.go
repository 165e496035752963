package app

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"habilis/internal/credential"
	"habilis/internal/job"
	"habilis/internal/store"
)

// metrics are the figures of one server. No label names a person, an address or
// an organisation: routes are patterns, statuses and methods a closed list.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	acts     *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// buckets of the time of an answer, in seconds.
var buckets = []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "habilis_requests_total", Help: "Requests answered, by route pattern.",
		}, []string{"method", "route", "status"}),
		acts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "habilis_acts_total", Help: "Acts done, and refused with the code of the rule: sign-ins are login.sign_in.",
		}, []string{"verb", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "habilis_request_seconds", Help: "Time of answers, by route pattern.", Buckets: buckets,
		}, []string{"route"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "habilis_build_info", Help: "The program that runs; always 1.",
		ConstLabels: prometheus.Labels{"version": Version, "revision": Revision(), "go": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.acts, m.duration, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "habilis_store_retries_total", Help: "Transactions run again because the database asked.",
		}, func() float64 { return float64(store.Retries.Load()) }))
	return m
}

func (m *metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route).Observe(took.Seconds())
}

// act counts an act that was done (no code) or refused. Verbs and codes are the program's
// own: no person and no organisation is a label.
func (m *metrics) act(verb, code string) { m.acts.WithLabelValues(verb, code).Inc() }

// watch adds the figures that are read when they are asked for.
func (m *metrics) watch(w *job.Worker, hashes *credential.Hasher, log *slog.Logger) {
	m.registry.MustRegister(jobFigures{w, log},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "habilis_password_hashes_running", Help: "Password hashes being computed.",
		}, func() float64 { running, _ := hashes.Load(); return float64(running) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "habilis_password_hashes_waiting", Help: "Sign-ins that wait for a place to hash.",
		}, func() float64 { _, waiting := hashes.Load(); return float64(waiting) }))
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// watchDirectory adds whether the watch of the directory is halted (VER-5).
func (m *metrics) watchDirectory(halted func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "habilis_directory_watch_halted", Help: "1 while too many members would change at once, and no alert is raised.",
	}, func() float64 {
		if halted() {
			return 1
		}
		return 0
	}))
}

// watchDecisions adds how many entries the log of decisions, and the notes of last uses, had no
// room for.
func (m *metrics) watchDecisions(dropped, uses func() int64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "habilis_decision_log_dropped_total", Help: "Answers that the sampled log of decisions had no room for.",
	}, func() float64 { return float64(dropped()) }), prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "habilis_right_uses_dropped_total", Help: "Uses of rights that were not noted: no room, or no database.",
	}, func() float64 { return float64(uses()) }))
}

// Figures are what /metrics would answer now.
func (a *App) Figures() string {
	families, err := a.metrics.registry.Gather()
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, f := range families {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// jobFigures reads how many jobs are in each state.
type jobFigures struct {
	worker *job.Worker
	log    *slog.Logger
}

var jobsDesc = prometheus.NewDesc("habilis_jobs", "Jobs by state.", []string{"state"}, nil)

// Describe tells the one figure.
func (jobFigures) Describe(ch chan<- *prometheus.Desc) { ch <- jobsDesc }

// Collect reads it. A database that does not answer leaves it out: /readyz says so.
func (j jobFigures) Collect(ch chan<- prometheus.Metric) {
	c, err := j.worker.Counts(context.Background())
	if err != nil {
		j.log.Warn("metrics: jobs", "err", err)
		return
	}
	for state, n := range map[string]int64{"ready": c.Ready, "running": c.Running, "failed": c.Failed} {
		ch <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, float64(n), state)
	}
}
