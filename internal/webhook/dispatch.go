package webhook

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Bounds of sending.
const (
	Poll       = time.Second      // how often to look when nobody calls
	MaxLanes   = 256              // endpoints that one server sends to at the same time …
	maxFailing = MaxLanes / 2     // … of which those that fail
	SendAtOnce = 4                // deliveries of one endpoint under way at the same time
	batchSize  = 20               // deliveries that a lane claims at once
	laneTime   = 10 * time.Second // after which a lane is left, for whoever waits for one
	orgLanes   = 8                // lanes of one organisation (rules.md 17) …
	orgFailing = orgLanes / 2     // … of which for endpoints that fail
	readAtOnce = 1000             // positions of the feed that one transaction reads
	maxWaiting = 5000             // deliveries that wait for an endpoint before its reading of the feed does
	leaseTime  = time.Minute      // well over a batch of which one wave fails
	firstRest  = time.Second      // of a lane after a failure, doubled each time …
	LastRest   = 30 * time.Second // … up to this
	closedRest = 30 * time.Second // of a lane whose organisation is closed
)

// Dispatcher sends what is to be sent. One runs on each server.
type Dispatcher struct {
	Webhooks Webhooks
	Log      *slog.Logger
	Tried    func(Outcome) // if set, is told how each try went: for figures

	mu       sync.Mutex
	lanes    map[ident.Webhook]*lane
	busy     int
	busyOf   map[ident.Org]int
	last     map[bool]key // the endpoint that had the last turn, by whether it was failing; of round alone
	settling map[ident.Org]bool
	wake     chan struct{}
	once     sync.Once
	work     sync.WaitGroup
}

// lane is what this server knows of one endpoint between two batches.
type lane struct {
	busy  bool
	rest  time.Duration // how long it last rested; 0 when its receiver is well
	until time.Time
}

// key names an endpoint.
type key struct {
	org     ident.Org
	id      ident.Webhook
	failing bool // of one that has something due: nothing has been taken for a while
}

func (d *Dispatcher) init() {
	d.once.Do(func() {
		d.wake, d.lanes, d.settling = make(chan struct{}, 1), map[ident.Webhook]*lane{}, map[ident.Org]bool{}
		d.busyOf, d.last = map[ident.Org]int{}, map[bool]key{}
	})
}

// Wake calls the dispatcher at once.
func (d *Dispatcher) Wake() {
	d.init()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends, and what is under way with it: what was not ended is sent again
// when its lease is over.
func (d *Dispatcher) Run(ctx context.Context) {
	d.init()
	defer d.work.Wait()
	for ctx.Err() == nil {
		if _, err := d.round(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("webhooks: looking for work", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-time.After(Poll):
		}
	}
}

// Drain sends until nothing is due, for tests.
func (d *Dispatcher) Drain(ctx context.Context) error {
	d.init()
	for {
		n, err := d.round(ctx)
		d.work.Wait()
		if err != nil || n == 0 {
			return err
		}
	}
}

// round has events given their place, writes what each endpoint is to be sent, and starts a
// lane for each that has something due. It says how much it started.
func (d *Dispatcher) round(ctx context.Context) (started int, err error) {
	db := d.Webhooks.Run.DB
	if started, err = d.settle(ctx); err != nil {
		return 0, err
	}
	more, err := d.expand(ctx)
	if err != nil {
		return 0, err
	}
	started += more
	var due []key
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = dueEndpoints(ctx, tx)
		return err
	}); err != nil {
		return 0, err
	}
	for _, k := range d.inTurn(due) {
		if d.enter(k, db.Now()) {
			started++
			d.last[k.failing] = k
			d.work.Go(func() { d.keep(ctx, k) })
		}
	}
	return started, nil
}

// inTurn puts those that are well first, and of each kind those that follow whoever had the last
// turn: where there are more than lanes, nobody is always the last (rules.md 17).
func (d *Dispatcher) inTurn(due []key) []key {
	rank := func(k key) int {
		switch had := d.last[k.failing]; {
		case !k.failing && had.before(k):
			return wellNext
		case !k.failing:
			return wellAgain
		case had.before(k):
			return failingNext
		}
		return failingAgain
	}
	slices.SortStableFunc(due, func(a, b key) int { return rank(a) - rank(b) })
	return due
}

// The ranks of inTurn.
const (
	wellNext = iota
	wellAgain
	failingNext
	failingAgain
)

// before reports whether k comes before another in the order of dueEndpoints.
func (k key) before(o key) bool { return k.org < o.org || k.org == o.org && k.id < o.id }

// settle has the events that wait given their place, each organisation by itself: one that is
// busy with a long act keeps nobody else waiting.
func (d *Dispatcher) settle(ctx context.Context) (started int, err error) {
	db := d.Webhooks.Run.DB
	orgs, err := event.Unsettled(ctx, db)
	for _, org := range orgs {
		if !d.settles(org, true) {
			continue
		}
		started++
		d.work.Go(func() {
			defer d.settles(org, false)
			if err := event.Settle(ctx, db, org); err == nil {
				d.Wake()
			} else if ctx.Err() == nil {
				d.Log.Error("webhooks: events keep waiting for their place", "org", org, "err", err)
			}
		})
	}
	return started, err
}

// settles notes that an organisation's events are being given their place, or are no longer;
// the answer is false when that is so already.
func (d *Dispatcher) settles(org ident.Org, now bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.settling[org] == now {
		return false
	}
	if now {
		d.settling[org] = true
	} else {
		delete(d.settling, org)
	}
	return true
}

// expand takes each endpoint's reading of the feed on, some of it at a time, so that none waits
// for another that has much to read. It says how many have more to read.
func (d *Dispatcher) expand(ctx context.Context) (more int, err error) {
	db := d.Webhooks.Run.DB
	var behind []key
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		behind, err = behindEndpoints(ctx, tx)
		return err
	}); err != nil {
		return 0, err
	}
	for _, k := range behind {
		left := false
		err := db.Write(ctx, []store.Lock{lockOf(k.id)}, func(tx *store.Tx) (err error) {
			left, err = readOn(ctx, tx, k)
			return err
		})
		switch {
		case err == nil && left:
			more++
		case err != nil && ctx.Err() == nil: // the others go on
			d.Log.Error("webhooks: reading the feed", "webhook", k.id, "err", err)
		}
	}
	if more > 0 {
		d.Wake()
	}
	return more, ctx.Err()
}

// lockOf is held by whoever writes or claims the deliveries of an endpoint.
func lockOf(id ident.Webhook) store.Lock { return store.Lock("webhook " + id) }

// readOn writes deliveries for what the feed has after what the endpoint read of it, readAtOnce
// positions at most, and reports whether it has more.
func readOn(ctx context.Context, tx *store.Tx, k key) (more bool, err error) {
	v, found, err := one(ctx, tx, k.org, k.id)
	if err != nil || !found || v.Status != Active {
		return false, err
	}
	head, swept, err := event.Head(ctx, tx, k.org)
	if err != nil {
		return false, err
	}
	from := max(v.ReadTo, swept)
	upTo := min(from+readAtOnce, head)
	if err := enqueue(ctx, tx, v, from, upTo); err != nil {
		return false, err
	}
	return upTo < head, setReadTo(ctx, tx, v, upTo)
}

// enter takes the lane of an endpoint, unless it is busy or rests, or too many are: those
// that fail, which may be many and slow, leave half of the lanes to the others (F12), and an
// organisation takes no more than its part (rules.md 17).
func (d *Dispatcher) enter(k key, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if of := d.busyOf[k.org]; d.busy >= MaxLanes || of >= orgLanes || k.failing && (d.busy >= maxFailing || of >= orgFailing) {
		return false
	}
	l := d.lanes[k.id]
	if l == nil {
		l = &lane{}
		d.lanes[k.id] = l
	}
	if l.busy || now.Before(l.until) {
		return false
	}
	l.busy = true
	d.busy++
	d.busyOf[k.org]++
	return true
}

// leave gives the lane back. After failures it rests, longer each time.
func (d *Dispatcher) leave(k key, now time.Time, rest time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy--
	d.busyOf[k.org]--
	if d.busyOf[k.org] == 0 {
		delete(d.busyOf, k.org)
	}
	l := d.lanes[k.id]
	l.busy, l.rest, l.until = false, rest, now.Add(rest)
	if rest == 0 {
		delete(d.lanes, k.id)
	}
}

func (d *Dispatcher) restOf(id ident.Webhook) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lanes[id].rest
}

// keep sends what is due to one endpoint, batch after batch, as long as its receiver is well and
// for laneTime at most.
func (d *Dispatcher) keep(ctx context.Context, k key) {
	db, rest := d.Webhooks.Run.DB, d.restOf(k.id)
	until := db.Now().Add(laneTime)
	defer func() {
		if p := recover(); p != nil {
			d.Log.Error("webhooks: panic", "webhook", k.id, "panic", p)
			rest = LastRest
		}
		d.leave(k, db.Now(), rest)
		if rest == 0 {
			d.Wake()
		}
	}()
	for first := true; ctx.Err() == nil && (first || db.Now().Before(until)); first = false {
		n, well, err := d.batch(ctx, k, until, rest > 0)
		switch {
		case err != nil:
			if ctx.Err() == nil {
				d.Log.Error("webhooks: sending", "webhook", k.id, "err", err)
			}
			rest = LastRest
			return
		case n == 0:
			rest = 0
			return
		case n < 0:
			rest = closedRest
			return
		case !well:
			rest = min(max(2*rest, firstRest), LastRest)
			return
		}
		rest = 0
	}
}

// batch claims what is due, sends it and writes what came of it. It gives how many there
// were, less than zero when nothing may be sent now, and whether the receiver is well. After
// a failure one delivery tries whether it is back.
func (d *Dispatcher) batch(ctx context.Context, k key, until time.Time, probe bool) (n int, well bool, err error) {
	size := batchSize
	if probe {
		size = 1
	}
	c, err := d.Webhooks.claim(ctx, k, size)
	if err != nil || c.closed || len(c.list) == 0 {
		if c.closed {
			return -1, false, err
		}
		return 0, true, err
	}
	results := d.send(ctx, c, until)
	for i, r := range results {
		well = well || r.OK()
		if d.Tried != nil && r.Outcome != "" {
			d.Tried(r.Outcome)
		}
		if ctx.Err() != nil && !r.OK() {
			results[i] = Result{} // cut off by us: that was no try
		}
	}
	lost, err := d.Webhooks.end(ctx, c, results)
	if err == nil && lost {
		err = d.Webhooks.halt(ctx, k.org, k.id, ByFailures)
	}
	return len(c.list), well, err
}

// send sends a batch, SendAtOnce at a time, and no further once one has failed, the time of the
// lane is over, or somebody stopped or changed the endpoint: what was not tried has no outcome.
func (d *Dispatcher) send(ctx context.Context, c claimed, until time.Time) []Result {
	results := make([]Result, len(c.list))
	source := d.Webhooks.source(c.to.Org)
	for from := 0; from < len(c.list); from += SendAtOnce {
		if from > 0 && !d.goesOn(ctx, c, until) {
			return results
		}
		var wave sync.WaitGroup
		to := min(from+SendAtOnce, len(c.list))
		for i := from; i < to; i++ {
			wave.Go(func() { results[i] = d.post(ctx, c.to, c.list[i].Event.Document(source)) })
		}
		wave.Wait()
		for _, r := range results[from:to] {
			if !r.OK() {
				return results
			}
		}
	}
	return results
}

// goesOn reports whether the next wave of a batch is sent.
func (d *Dispatcher) goesOn(ctx context.Context, c claimed, until time.Time) bool {
	if !d.Webhooks.Run.DB.Now().Before(until) {
		return false
	}
	is, err := d.Webhooks.unchanged(ctx, c)
	if err != nil && ctx.Err() == nil {
		d.Log.Error("webhooks: between two waves", "webhook", c.to.ID, "err", err)
	}
	return is
}

// post sends a document. What panics was no success, and ends nothing else.
func (d *Dispatcher) post(ctx context.Context, to target, doc event.Document) (r Result) {
	defer func() {
		if p := recover(); p != nil {
			d.Log.Error("webhooks: panic", "webhook", to.ID, "panic", p)
			r = Result{Outcome: Unreached}
		}
	}()
	return d.Webhooks.post(ctx, to, doc)
}
