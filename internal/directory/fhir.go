package directory

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"habilis/internal/outbound"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// BaseURL is the API of the Annuaire Santé, version 2.
const BaseURL = "https://gateway.api.esante.gouv.fr/fhir/v2"

// Bounds of a look-up.
const (
	LookupTime = 2 * time.Second // all its requests together
	PerSecond  = 17              // requests, as the API allows (health/facts.md, 1.1)
	MaxAnswer  = 1 << 20         // bytes of one answer (rules.md 17)
	maxPages   = 5               // of one search
)

// headerKey carries the key of the subscription.
const headerKey = "ESANTE-API-KEY"

// FHIROptions say where the API is, and how it is asked.
type FHIROptions struct {
	Base   *url.URL
	Key    secret.Text // of the subscription; empty: none is sent
	Client *outbound.Client
	DB     *store.DB // of the cache; nil: nothing is kept
	Log    *slog.Logger
}

// FHIR is the API of the Annuaire Santé as a Source. It is safe for concurrent use.
type FHIR struct {
	base   *url.URL
	key    secret.Text
	client *outbound.Client
	cache  cache
	log    *slog.Logger
	pace   outbound.Pace
	state  outbound.Breaker
	now    func() time.Time
}

// NewFHIR makes a client of the API.
func NewFHIR(o FHIROptions) *FHIR {
	base := *o.Base
	base.Path = strings.TrimSuffix(base.Path, "/")
	f := &FHIR{
		base: &base, key: o.Key, client: o.Client, log: o.Log, cache: cache{db: o.DB, log: o.Log},
		pace: outbound.Pace{PerSecond: PerSecond}, now: time.Now, //nolint:forbidigo // without a database there is no other clock
	}
	if o.DB != nil {
		f.now = o.DB.Now
		f.state.Now = o.DB.Now
	}
	return f
}

// Resting reports whether the API has failed so often that it is left alone for a while.
func (f *FHIR) Resting() bool { return f.state.Open() }

// ByRPPS finds one practitioner with all activities: two calls, because an activity cannot
// be searched by the number of its person (health/facts.md, 1.2). Errors: ErrUnavailable.
func (f *FHIR) ByRPPS(ctx context.Context, rpps string) (Answer, error) {
	if !digits(rpps, rppsDigits) {
		return Answer{}, ErrUnavailable.Because(errors.New("directory: not the number of anybody"))
	}
	return f.look(ctx, true, func(l *lookup) ([]Practitioner, bool, error) { return l.byRPPS(rpps) })
}

// ByName finds active practitioners by the words of their name, and keeps those of a town.
// Errors: ErrUnavailable.
func (f *FHIR) ByName(ctx context.Context, n Name) (Answer, error) {
	if n.Limit <= 0 || n.Limit > MaxFound {
		n.Limit = MaxFound
	}
	return f.look(ctx, false, func(l *lookup) ([]Practitioner, bool, error) { return l.byName(n) })
}

// look runs a look-up within its time, and keeps what it read if all of it was good.
func (f *FHIR) look(parent context.Context, keep bool, find func(*lookup) ([]Practitioner, bool, error)) (Answer, error) {
	ctx, cancel := context.WithTimeout(parent, LookupTime)
	defer cancel()
	l := &lookup{FHIR: f, ctx: ctx, keep: keep, asOf: f.now()}
	err := errShape // should find panic
	defer func() { l.leave(parent, err) }()
	found, more, err := find(l)
	if err != nil {
		return Answer{}, ErrUnavailable.Because(err)
	}
	if keep && len(found) > 0 { // somebody who registers today is found today
		f.cache.put(parent, l.read)
	}
	return Answer{Origin: FromFHIR, AsOf: l.asOf.UTC(), Practitioners: found, More: more}, nil
}

// lookup is one look-up under way.
type lookup struct {
	*FHIR

	ctx     context.Context //nolint:containedctx // lives as long as the look-up
	keep    bool
	read    []page
	asOf    time.Time // of the oldest answer it rests on
	entered bool
}

// leave tells the breaker how it went. A caller who left says nothing about the server.
func (l *lookup) leave(parent context.Context, err error) {
	switch {
	case !l.entered:
	case err == nil:
		l.state.Leave(outbound.Answered)
	case parent.Err() != nil || errors.Is(err, outbound.ErrPace):
		l.state.Leave(outbound.Abandoned)
	default:
		l.state.Leave(outbound.Failed)
	}
}

// Errors of an answer, for the log.
var (
	errStatus = errors.New("directory: the API refused")
	errShape  = errors.New("directory: the answer is not what the API documents")
	errLink   = errors.New("directory: the next page is said to be on another server")
	errPages  = errors.New("directory: too many pages")
)

// get reads one address of the API, from the cache while it is fresh.
func (l *lookup) get(address string) ([]byte, error) {
	var old page
	var known bool
	if l.keep {
		if old, known = l.cache.get(l.ctx, address); known && l.cache.fresh(old) {
			l.rests(old.at)
			return old.body, nil
		}
	}
	answer, err := l.send(address, old.etag)
	if err != nil {
		return nil, err
	}
	p := page{url: address, body: answer.Body, etag: answer.Header.Get("ETag"), at: l.now()}
	if answer.Status == http.StatusNotModified {
		if !known || old.etag == "" {
			return nil, errShape
		}
		p.body, p.etag = old.body, old.etag
	}
	l.read = append(l.read, p)
	return p.body, nil
}

// rests notes the age of an answer that is used again.
func (l *lookup) rests(on time.Time) {
	if on.Before(l.asOf) {
		l.asOf = on
	}
}

// send asks the API. Anything but 200 and 304 is an error: the bodies of 401 and 403 come
// from the gateway and have no documented form.
func (l *lookup) send(address, etag string) (outbound.Response, error) {
	if !l.entered {
		if err := l.state.Enter(); err != nil {
			return outbound.Response{}, err
		}
		l.entered = true
	}
	if err := l.pace.Wait(l.ctx); err != nil {
		return outbound.Response{}, err
	}
	r, err := http.NewRequestWithContext(l.ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return outbound.Response{}, errLink
	}
	r.Header.Set("Accept", "application/fhir+json")
	if !l.key.IsZero() {
		r.Header.Set(headerKey, l.key.Reveal()) //nolint:canonicalheader // as the API documents it
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return answer, err
	}
	if answer.Status != http.StatusOK && answer.Status != http.StatusNotModified {
		return answer, errors.Join(errStatus, statusError(answer))
	}
	return answer, nil
}

// address is one search of the API.
func (l *lookup) address(resource string, q url.Values) string {
	u := *l.base
	u.Path += "/" + resource
	u.RawQuery = q.Encode()
	return u.String()
}

// next checks the address of a next page: the key goes to the API and nowhere else.
func (l *lookup) next(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Scheme != l.base.Scheme || !strings.EqualFold(u.Host, l.base.Host) || u.Fragment != "" ||
		(u.Path != l.base.Path && !strings.HasPrefix(u.Path, l.base.Path+"/")) || strings.Contains(u.Path, "..") {
		return "", errLink
	}
	return u.String(), nil
}

// search reads the pages of a search, at most pages of them; more tells that there were
// others.
func (l *lookup) search(resource string, q url.Values, pages int) (all resources, more bool, err error) {
	address := l.address(resource, q)
	for range pages {
		body, err := l.get(address)
		if err != nil {
			return all, false, err
		}
		link, err := all.add(body)
		if err != nil || link == "" {
			return all, false, err
		}
		if address, err = l.next(link); err != nil {
			return all, false, err
		}
	}
	return all, true, nil
}
