package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/fault"
	"habilis/internal/paper"
)

// fileType is the type of a body that is a file. What its sender would call it counts for
// nothing: its content tells (rules.md 16).
const fileType = "application/octet-stream"

// octets describes a body that is a file.
var octets = &huma.RequestBody{
	Required: true, Description: "The bytes of the file.",
	Content: map[string]*huma.MediaType{fileType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
}

// takesFile reports whether the body of an operation is a file, which is never read as JSON.
func takesFile(op *huma.Operation) bool { return op.RequestBody != nil && jsonBody(op) == nil }

// jsonBody is the schema of the body of an operation; nil when it has none, or takes a file.
func jsonBody(op *huma.Operation) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content[jsonType] == nil {
		return nil
	}
	return op.RequestBody.Content[jsonType].Schema
}

// receive reads the file of a request, within the bounds of files, and the idempotency key.
func (c *call) receive() error {
	if header := c.r.Header.Values("Content-Type"); len(header) != 1 || header[0] != fileType || c.r.Header.Get("Content-Encoding") != "" {
		return errMediaType
	}
	ctl := http.NewResponseController(c.w)
	limited := ctl.SetReadDeadline(time.Now().Add(paper.ReceiveTime)) == nil //nolint:forbidigo // a deadline of the network, not of the field
	data, done, err := paper.Receive(c.r.Context(), c.r.Body, c.r.ContentLength)
	c.file, c.done = data, done
	if _, refused := errors.AsType[*fault.Error](err); err != nil && !refused {
		return errMalformed.Because(err)
	}
	if err == nil && limited {
		err = ctl.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return err
	}
	c.r.Body = http.NoBody
	return c.once(data)
}

// release gives back the place that a file took.
func (c *call) release() {
	if c.done != nil {
		c.done()
	}
}
