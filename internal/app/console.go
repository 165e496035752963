package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/text"
)

// Order is a command of the operator that needs the data opened. Beside a running
// server it is sent to it; otherwise it runs here. What it writes to out is its
// whole answer.
type Order interface {
	Verb() string
	Do(ctx context.Context, b *Base, out io.Writer) error
}

// orders makes an empty order of each verb, to be read from the socket.
var orders = map[string]func() Order{
	CreateAdmin{}.Verb():   func() Order { return &CreateAdmin{} },
	CreateToken{}.Verb():   func() Order { return &CreateToken{} },
	RotateKeys{}.Verb():    func() Order { return &RotateKeys{} },
	ResealKeys{}.Verb():    func() Order { return &ResealKeys{} },
	WriteBackup{}.Verb():   func() Order { return &WriteBackup{} },
	LookAtServer{}.Verb():  func() Order { return &LookAtServer{} },
	NoteDirectory{}.Verb(): func() Order { return &NoteDirectory{} },
	OpenNetworks{}.Verb():  func() Order { return &OpenNetworks{} },

	CompareDirectory{}.Verb(): func() Order { return &CompareDirectory{} },
	ConfirmDirectory{}.Verb(): func() Order { return &ConfirmDirectory{} },
}

// operator is who acts on the command line: whoever can run it holds the machine.
var operator = access.Operator("cli")

// Execute runs an order on an installation. Its own refusals, and those of the
// nouns, come back as sentences in English.
func Execute(ctx context.Context, c Config, log io.Writer, o Order, out io.Writer) error {
	if err := c.checkDatabase(); err != nil {
		return err
	}
	for wait := time.Duration(0); ; wait += startPoll {
		if !c.Postgres() {
			conn, err := dialFolder(c.Data)
			if err != nil {
				return err
			}
			if conn != nil {
				return sendOrder(ctx, conn, o, out)
			}
		}
		b, err := open(ctx, c, log, toUse)
		if errors.Is(err, ErrRunning) && wait < startWait { // it starts, and does not listen yet
			time.Sleep(startPoll)
			continue
		}
		if err != nil {
			return err
		}
		return errors.Join(inWords(o.Do(ctx, b, out)), b.Close())
	}
}

// How long a command waits for a server that is starting or stopping.
const (
	startWait = 10 * time.Second
	startPoll = 50 * time.Millisecond
)

// ErrFound is returned by orders that look for problems and found some: they are
// already written out.
var ErrFound = errors.New("problems were found")

// inWords turns a fault into the sentence of the English catalogue.
func inWords(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	t := text.For(text.EN)
	var list []error
	for _, x := range f.Fields {
		list = append(list, fmt.Errorf("%s: %s", x.Location, t.TMap("fault."+x.Code, x.Args)))
	}
	if len(list) == 0 {
		args := map[string]any{"Wait": f.Wait, "Ref": "cli"}
		maps.Copy(args, f.Args)
		list = append(list, fmt.Errorf("%s (%s)", t.TMap("fault."+f.Code, args), f.Code))
	}
	if f.Err != nil {
		list = append(list, f.Err)
	}
	return errors.Join(list...)
}

// The protocol of the socket: POST /VERB with the order as JSON; the answer is
// what the order writes, then a trailer that says how it ended.
const (
	trailerEnd   = "Habilis-End"   // "done", "found" or "failed"
	trailerError = "Habilis-Error" // the sentence, as JSON
	maxOrder     = 64 << 10
	endDone      = "done"
	endFound     = "found"
	endFailed    = "failed"
)

// socketHandler obeys the orders that come by the socket.
func (a *App) socketHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", trailerEnd+", "+trailerError)
		err := a.obey(w, r)
		end := endDone
		switch {
		case errors.Is(err, ErrFound):
			end = endFound
		case err != nil:
			end = endFailed
			a.Log.Warn("command", "verb", r.URL.Path, "err", err)
			sentence, _ := json.Marshal(inWords(err).Error())
			w.Header().Set(trailerError, string(sentence))
		}
		w.Header().Set(trailerEnd, end)
	})
}

func (a *App) obey(w io.Writer, r *http.Request) error {
	empty, ok := orders[r.URL.Path[1:]]
	if !ok || r.Method != http.MethodPost {
		return errors.New("the running server does not know this command: it is of another version")
	}
	o := empty()
	d := json.NewDecoder(io.LimitReader(r.Body, maxOrder))
	d.DisallowUnknownFields()
	if err := d.Decode(o); err != nil {
		return errors.New("the running server does not understand this command: it is of another version")
	}
	a.Log.Info("command", "verb", o.Verb())
	return o.Do(r.Context(), a.Base, w)
}

// sendOrder sends an order to the running server and copies its answer.
func sendOrder(ctx context.Context, conn net.Conn, o Order, out io.Writer) error {
	client := &http.Client{Transport: &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		DisableKeepAlives: true,
	}}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://habilis/"+o.Verb(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return wrap("the running server does not answer", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(out, answer.Body); err != nil {
		return wrap("the running server stopped in the middle", err)
	}
	return endOfOrder(answer.Trailer)
}

func endOfOrder(trailer http.Header) error {
	switch trailer.Get(trailerEnd) {
	case endDone:
		return nil
	case endFound:
		return ErrFound
	case endFailed:
		var sentence string
		if err := json.Unmarshal([]byte(trailer.Get(trailerError)), &sentence); err == nil {
			return errors.New(sentence)
		}
	}
	return errors.New("the running server stopped in the middle")
}
