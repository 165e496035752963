package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/outbound"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Outcome says how a receiver took a delivery.
type Outcome string

// The outcomes.
const (
	Taken      Outcome = "taken"       // it answered 2xx
	BadStatus  Outcome = "status"      // it answered something else
	Redirected Outcome = "redirected"  // it sent elsewhere: not followed
	TooLarge   Outcome = "too_large"   // its answer went over outbound.MaxBody
	BadAddress Outcome = "bad_address" // its name leads to an address that is not dialled
	TimedOut   Outcome = "timed_out"
	BadTLS     Outcome = "bad_tls" // its certificate was not believed
	Unreached  Outcome = "unreached"
)

// Outcomes lists them.
var Outcomes = []Outcome{Taken, BadStatus, Redirected, TooLarge, BadAddress, TimedOut, BadTLS, Unreached}

// Result is how one try went.
type Result struct {
	Outcome Outcome // empty before the first
	Status  int64   // of the answer; 0 for none
	Took    time.Duration
	Said    string // the beginning of an answer that is no success
}

// OK reports whether the receiver took it.
func (r Result) OK() bool { return r.Outcome == Taken }

// target is an endpoint with what is needed to send to it.
type target struct {
	Webhook

	secrets []secret.Text
}

// post sends a document to an endpoint, once.
func (w Webhooks) post(ctx context.Context, t target, d event.Document) Result {
	body, err := json.Marshal(d)
	if err != nil {
		return Result{Outcome: Unreached}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return Result{Outcome: BadAddress}
	}
	timestamp, signature := sign(t.secrets, d.ID, w.Run.DB.Now(), body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "Habilis-Webhooks")
	r.Header.Set(headerID, d.ID)
	r.Header.Set(headerTimestamp, timestamp)
	r.Header.Set(headerSignature, signature)
	began := time.Now() //nolint:forbidigo // a duration is measured, no fact is dated
	answer, err := w.Client.Do(r)
	took := time.Since(began)
	if err != nil {
		return Result{Outcome: failure(err), Took: took}
	}
	out := Result{Outcome: Taken, Status: int64(answer.Status), Took: took}
	if answer.Status < http.StatusOK || answer.Status >= http.StatusMultipleChoices {
		out.Outcome, out.Said = BadStatus, beginning(answer.Body)
	}
	return out
}

// failure says what an error of the exchange means.
func failure(err error) Outcome {
	var timeout net.Error
	var untrusted *tls.CertificateVerificationError
	var name x509.HostnameError
	switch {
	case errors.Is(err, outbound.ErrRedirect):
		return Redirected
	case errors.Is(err, outbound.ErrTooLarge):
		return TooLarge
	case errors.Is(err, outbound.ErrPrivate), errors.Is(err, outbound.ErrHost), errors.Is(err, outbound.ErrPort),
		errors.Is(err, outbound.ErrScheme), errors.Is(err, outbound.ErrOperator):
		return BadAddress
	case errors.As(err, &untrusted), errors.As(err, &name):
		return BadTLS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	}
	return Unreached
}

// secrets that a receiver may say back: ours, tokens, and what follows an authorisation.
var secretShapes = regexp.MustCompile(`(?i)(whsec_|hat_|v1,|bearer\s+|basic\s+|eyJ)[A-Za-z0-9+/=_.-]+`)

// beginning is what is kept of an answer: one line of plain text, without what looks like a
// secret.
func beginning(body []byte) string {
	const stars, readBytes = "***", 4 * saidBytes // what is left out makes room
	text := strings.ToValidUTF8(string(body[:min(len(body), readBytes)]), "")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = secretShapes.ReplaceAllString(strings.Join(strings.Fields(text), " "), stars)
	return strings.ToValidUTF8(text[:min(len(text), saidBytes)], "")
}

// Test sends an endpoint an event that nothing happened for, and says how it was taken: also
// to one that is stopped. Errors: ErrNotFound, limit.ErrExceeded.
func (w Webhooks) Test(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook) (Result, error) {
	_, err := action.Run(ctx, w.Run, by, editing(org, verbTest, id), func(tx *action.Tx) (struct{}, error) {
		v, err := find(ctx, tx.Tx, org, id)
		if err != nil {
			return struct{}{}, err
		}
		tx.Record(recorded(v, verbTest, nil, map[string]any{"host": v.Host()}))
		return struct{}{}, tests.Within(ctx, tx.Tx, id.String())
	})
	if err != nil {
		return Result{}, err
	}
	var t target
	if err := w.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		t, err = w.target(ctx, tx, org, id)
		return err
	}); err != nil {
		return Result{}, err
	}
	e := event.Event{Org: org, ID: ident.NewOutEvent(), Kind: event.Test, Subject: id.String(), Object: id.String(), At: w.Run.DB.Now()}
	return w.post(ctx, t, e.Document(w.source(org))), nil
}

// target reads an endpoint with the secrets that are good now.
func (w Webhooks) target(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) (target, error) {
	v, err := find(ctx, tx, org, id)
	if err != nil {
		return target{}, err
	}
	now, before, err := sealed(ctx, tx, org, id)
	if err != nil {
		return target{}, err
	}
	t := target{Webhook: v}
	all := [][]byte{now}
	if v.SecretUntil != nil {
		all = append(all, before)
	}
	for _, s := range all {
		plain, err := w.Run.Ring.Open(secretPlace(org, id), s)
		if err != nil {
			return target{}, err
		}
		t.secrets = append(t.secrets, secret.NewText(string(plain)))
	}
	return t, nil
}
