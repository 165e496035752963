package fault_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"habilis/internal/fault"
)

var errLast = fault.New(fault.Conflict, "member.last_administrator")

// TestCopies: a declared fault is shared by the whole program; what one answer adds
// to it is never seen by another.
func TestCopies(t *testing.T) {
	cause := errors.New("cause")
	base := errLast.With("Name", "Julie")
	julie, marc := base.With("Count", 1), base.With("Count", 2).With("Name", "Marc")
	wait, because := base.After(time.Minute), base.Because(cause)
	waitMore := wait.With("Count", 3)

	for _, c := range []struct {
		name string
		got  *fault.Error
		args map[string]any
		wait time.Duration
		err  error
	}{
		{"declared", errLast, nil, 0, nil},
		{"base", base, map[string]any{"Name": "Julie"}, 0, nil},
		{"julie", julie, map[string]any{"Name": "Julie", "Count": 1}, 0, nil},
		{"marc", marc, map[string]any{"Name": "Marc", "Count": 2}, 0, nil},
		{"wait", wait, map[string]any{"Name": "Julie"}, time.Minute, nil},
		{"wait more", waitMore, map[string]any{"Name": "Julie", "Count": 3}, time.Minute, nil},
		{"because", because, map[string]any{"Name": "Julie"}, 0, cause},
	} {
		if !maps.Equal(c.got.Args, c.args) || c.got.Wait != c.wait || !errors.Is(c.got.Err, c.err) {
			t.Errorf("%s: %+v", c.name, c.got)
		}
		if c.got.Kind != fault.Conflict || c.got.Code != "member.last_administrator" || !errors.Is(c.got, errLast) {
			t.Errorf("%s is not the fault it was made of", c.name)
		}
	}
}

// TestIs: a fault is known by its code, through whatever wraps it, and by its kind.
func TestIs(t *testing.T) {
	other := fault.New(fault.Conflict, "member.other")
	cause := errors.New("cause")
	for name, err := range map[string]error{
		"plain": errLast, "with": errLast.With("Name", "Julie"), "because": errLast.Because(cause),
		"wrapped": fmt.Errorf("in the noun: %w", errLast), "joined": errors.Join(errLast, cause),
		"joined after another": errors.Join(cause, fmt.Errorf("x: %w", errLast.After(time.Second))),
		"same code elsewhere":  fault.New(fault.Conflict, "member.last_administrator"),
	} {
		if !errors.Is(err, errLast) || errors.Is(err, other) || !fault.Is(err, fault.Conflict) || fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
		}
		if got := fault.Of(err); got.Code != errLast.Code {
			t.Errorf("%s: of %v", name, got)
		}
	}
	if !errors.Is(errLast.Because(cause), cause) {
		t.Error("the cause cannot be found")
	}
	if fault.Is(nil, fault.Internal) || fault.Is(cause, fault.Internal) {
		t.Error("what is no fault has a kind")
	}
}

// TestOf: an error that is no fault becomes one that hides it: its text is for the
// log, never for people.
func TestOf(t *testing.T) {
	cause := errors.New("pq: password of julie@exemple.fr")
	f := fault.Of(fmt.Errorf("reading: %w", cause))
	if f.Kind != fault.Internal || f.Code != "internal" || len(f.Args) != 0 || len(f.Fields) != 0 || !errors.Is(f, cause) {
		t.Errorf("%+v", f)
	}
	if got := f.Error(); got != "internal: reading: pq: password of julie@exemple.fr" {
		t.Errorf("the log says %q", got)
	}
	if got := errLast.Error(); got != "member.last_administrator" {
		t.Errorf("the log says %q", got)
	}
}

// TestFields: everything to correct is told at once, in order; nothing to correct
// is no error.
func TestFields(t *testing.T) {
	var f fault.Fields
	if err := f.Err(); err != nil {
		t.Errorf("nothing to correct is %v", err)
	}
	f.Check("name", "")
	if f.Err() != nil || f.Has("name") {
		t.Error("a field without a code is refused")
	}
	f.Add("emails[3]", "account.email_malformed", "Example", "julie@exemple.fr")
	early := fault.Of(f.Err())
	f.Check("name", "text.too_long", "Max", 100, "Min", 1)
	late := fault.Of(f.Err())
	if !f.Has("name") || !f.Has("emails[3]") || f.Has("emails[2]") {
		t.Error("Has")
	}
	if late.Kind != fault.Invalid || late.Code != fault.CodeInvalid || len(late.Fields) != 2 || len(early.Fields) != 1 {
		t.Fatalf("%+v", late)
	}
	if got := late.Fields[0]; got.Location != "emails[3]" || got.Code != "account.email_malformed" || got.Args["Example"] != "julie@exemple.fr" {
		t.Errorf("%+v", got)
	}
	if got := late.Fields[1]; got.Location != "name" || got.Args["Max"] != 100 || got.Args["Min"] != 1 {
		t.Errorf("%+v", got)
	}
	one := fault.OnField("name", "text.too_long", "Max", 100)
	if one.Kind != fault.Invalid || len(one.Fields) != 1 || one.Fields[0].Args["Max"] != 100 {
		t.Errorf("%+v", one)
	}
	if bare := fault.OnField("name", "text.empty").Fields[0]; bare.Args != nil {
		t.Errorf("%+v", bare)
	}
}
