package web

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// exported are the matrix that the address is about, and its state.
func (v *visit) exported() (domain, matrixState) {
	q := v.URL.Query()
	return domainNamed(q.Get(fieldOrigin)), readMatrixState(q.Get)
}

// exportPath asks for the file of what a matrix shows, all its pages.
func (v *visit) exportPath(d domain, s matrixState) string {
	s.Page, s.Part = 1, 1
	return inState(v.at("access", "export"), s.origin(d))
}

// mayReadRights refuses, as the act would, whoever reads rights nowhere.
func (v *visit) mayReadRights() error {
	if v.held.HasAnywhere(access.RightsRead) || v.mayChange() {
		return nil
	}
	return v.lacks(access.RightsRead)
}

// accessExportForm says what the file holds, and asks for the password (rules.md 6).
func (v *visit) accessExportForm() error {
	if err := v.mayReadRights(); err != nil {
		return err
	}
	return v.askAccessExport(nil)
}

func (v *visit) askAccessExport(refusal error) error {
	d, s := v.exported()
	filters, err := v.filterWords(d, s)
	if err != nil {
		return err
	}
	return v.confirm(confirmation{
		At: atAccess, Title: v.t.T("access.export.title"), Crumb: v.t.T(d.key("title")), Back: s.href(v.at(d.At)),
		Why: v.t.T("access.export.proof"),
		Facts: []ui.Fact{
			{Term: v.t.T("access.export.what"), Value: v.t.T(d.key("title"))},
			{Term: v.t.T("access.export.filters"), Value: or(strings.Join(filters, " · "), v.t.T("access.export.all"))},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("access.export.title"), Text: v.t.T("access.export.lead"), Action: v.exportPath(d, s), Keep: v.t.T("access.export.cancel"),
			Button: ui.ButtonProps{Label: v.t.T("access.export.button"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}, refusal)
}

// filterWords say what narrows a matrix: «Fonction : Secrétariat».
func (v *visit) filterWords(d domain, s matrixState) ([]string, error) {
	sites, err := v.siteNames()
	var list []string
	for _, f := range []struct{ label, value string }{
		{"matrix.search", s.Search},
		{"members.column.function", s.Function},
		{"matrix.site", sites[ident.Site(s.Site)]},
		{d.key("shown"), s.Name},
		{d.key("detail"), s.Detail},
		{d.key("place"), sites[ident.Site(s.Place)]},
	} {
		if f.value == "" {
			continue
		}
		if f.label == "members.column.function" {
			f.value = named(v.t, "function.", f.value)
		}
		list = append(list, v.t.T("access.export.filter", "Label", v.t.T(f.label), "Value", f.value))
	}
	return list, err
}

// accessExport sends the file. The act records itself before the first line leaves.
func (v *visit) accessExport() error {
	if err := v.mayReadRights(); err != nil {
		return err
	}
	if err := v.prove(); err != nil {
		return v.askAccessExport(err)
	}
	d, s := v.exported()
	x, err := v.exportOf(d, s)
	if err != nil {
		return v.askAccessExport(err)
	}
	return v.sendFile(x)
}

// exportFile is a file that is written as it is read.
type exportFile interface {
	ContentType() string
	Name(now time.Time) string
	Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error
}

// sendFile sends a file, a part at a time.
func (v *visit) sendFile(x exportFile) error {
	v.w.Header().Set("Content-Type", x.ContentType())
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+x.Name(v.s.now())+`"`)
	answer := http.NewResponseController(v.w)
	flush := func() error {
		err := answer.SetWriteDeadline(time.Now().Add(exportTime)) //nolint:forbidigo // a deadline of the network, not of the field
		if err != nil {
			return err
		}
		return answer.Flush()
	}
	if err := x.Write(v.Context(), v.t, v.w, flush); err != nil {
		v.s.Log.Warn("an export was cut off", "request", v.by.Request, "err", err)
		panic(http.ErrAbortHandler) // a half file must not look whole
	}
	return nil
}

func (v *visit) exportOf(d domain, s matrixState) (*grant.Export, error) {
	s.Page, s.Part = 1, 1
	if d.Realm != "" {
		return v.s.Grants.ExportScopes(v.Context(), v.by, v.org.ID, s.scopes(d))
	}
	return v.s.Grants.ExportLevels(v.Context(), v.by, v.org.ID, s.query(d))
}
