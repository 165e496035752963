package webhook_test

import (
	"slices"
	"testing"
	"time"
)

// F12: of a burst of 1,000 events each is sent, 95 of 100 within 2 s.
func TestBurst(t *testing.T) {
	const events, within, share = 1000, 2 * time.Second, 95
	each(t, func(b *bench) {
		r := b.receiver(nil)
		b.make1(r)
		ctx, cancel := contextOf(b)
		done := make(chan struct{})
		b.hooks.Run.Told = b.send.Wake
		go func() { b.send.Run(ctx); close(done) }()
		at := map[int64]time.Time{}
		for i := range events {
			b.happens("member.edit", b.member["paul"])
			at[int64(i+1)] = time.Now()
		}
		b.eventually(func() bool { return len(r.all()) >= events })
		cancel()
		<-done
		var took []time.Duration
		for _, x := range r.all() {
			took = append(took, x.at.Sub(at[b.document(x).Data.Version]))
		}
		slices.Sort(took)
		if p95 := took[len(took)*share/100]; len(took) != events || p95 > within {
			b.Errorf("%d sent, %d of 100 within %v", len(took), share, p95)
		}
	})
}
