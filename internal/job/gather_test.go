package job_test

import (
	"testing"
	"time"

	"habilis/internal/job"
)

type gathered struct{ From time.Time }

func (gathered) Kind() string { return "gathered" }

// What happens in one hour about one thing is one job, which begins once that hour is over.
func TestGather(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 59, 59, 0, time.UTC)
	order := func(now time.Time, about string) job.Order {
		return job.Gather(now, about, func(from time.Time) job.Args { return gathered{from} })
	}
	first := order(at, "org_a")
	if from := first.Args.(gathered).From; !from.Equal(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) || !first.At.After(from.Add(job.GatherEvery)) {
		t.Errorf("gathers from %s, begins at %s", from, first.At)
	}
	if order(at.Add(-time.Minute), "org_a").Unique != first.Unique {
		t.Error("two jobs of one hour")
	}
	if order(at.Add(time.Second), "org_a").Unique == first.Unique || order(at, "org_b").Unique == first.Unique {
		t.Error("another hour and another thing share a job")
	}
}
