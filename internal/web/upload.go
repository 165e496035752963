package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/paper"
)

// The fields of a form that sends a paper.
const (
	fieldPaper = "kind"
	fieldFile  = "file"
)

// Bounds of a form that sends a file (rules.md 14, 16).
const (
	maxUpload     = paper.MaxBytes + 64<<10 // the file, and what stands around it
	maxDrained    = 4 * paper.MaxBytes      // read of a larger one, so that its sender sees the answer
	maxParts      = 10
	maxPlainField = 200 // bytes
)

// uploadForms are the forms that send a file, by pattern, and how large each may be: v.upload
// reads those that send a paper.
var uploadForms = map[string]int64{
	"POST /o/{org}/dossiers/{dossier}/documents": maxUpload,
	"POST /register/{org}/documents":             maxUpload,
	"POST /o/{org}/members/import":               maxSheet,
}

// expectUpload leaves the body of a form that sends a file to its handler, within its bound:
// nothing of it is read before the guard has opened.
func (v *visit) expectUpload(most int64) {
	v.whole, v.Body = v.Body, http.MaxBytesReader(v.w, v.Body, most)
	v.Form, v.PostForm = v.URL.Query(), url.Values{} // whoever asks for a field does not read the file
}

// upload reads the form that sends a paper, its file once, within its bounds. Errors: those
// of receiving a paper, fields to correct, errForm.
func (v *visit) upload() (dossier.NewDocument, error) {
	var n dossier.NewDocument
	// Without a deadline of its own, a connection still has the server's.
	due := time.Now().Add(paper.ReceiveTime) //nolint:forbidigo // a deadline of the network, not of the field
	_ = http.NewResponseController(v.w).SetReadDeadline(due)
	form, err := v.MultipartReader()
	if err != nil {
		return n, errForm.Because(err)
	}
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return n, checkUpload(n)
		}
		if err == nil {
			err = v.readPart(part, &n)
		}
		if err != nil {
			return n, v.notRead(err)
		}
	}
	return n, errFields.With("Max", maxParts)
}

func (v *visit) readPart(part *multipart.Part, n *dossier.NewDocument) (err error) {
	if part.FormName() != fieldFile {
		b, err := io.ReadAll(io.LimitReader(part, maxPlainField))
		if part.FormName() == fieldPaper {
			n.Kind = paper.Kind(b)
		}
		return err
	}
	if n.Data != nil {
		return errForm
	}
	n.Name = part.FileName()
	n.Data, v.received, err = paper.Receive(v.Context(), part, v.ContentLength)
	return err
}

// notRead is why the form could not be read. Of one that is too large the rest is read and
// thrown away, up to a bound: a browser that is cut off shows its own page, not our words.
func (v *visit) notRead(err error) error {
	if _, cut := errors.AsType[*http.MaxBytesError](err); cut || errors.Is(err, paper.ErrTooLarge) {
		_, _ = io.Copy(io.Discard, io.LimitReader(v.whole, maxDrained)) // whatever comes of it, it is refused
		return paper.ErrTooLarge
	}
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return err
	}
	return errForm.Because(err)
}

// checkUpload: what the paper proves, and a file.
func checkUpload(n dossier.NewDocument) error {
	var f fault.Fields
	if !paper.Known(n.Kind) {
		f.Add(fieldPaper, "document.kind")
	}
	if n.Name == "" && len(n.Data) == 0 {
		f.Add(fieldFile, "document.no_file")
	}
	return f.Err()
}

// release gives back what a file took, once its request is answered.
func (v *visit) release() {
	if v.received != nil {
		v.received()
	}
}
