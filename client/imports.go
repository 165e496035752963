package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Import is a file of members that was sent.
type Import struct {
	ID           string           `json:"id"`
	Organization string           `json:"organization"`
	State        string           `json:"state"`  // checking, ready, done, failed
	Format       string           `json:"format"` // csv, xlsx
	FileName     string           `json:"file_name"`
	Columns      []string         `json:"columns"`
	Ignored      []string         `json:"ignored_columns"`
	Invites      bool             `json:"invites"`
	Total        int64            `json:"total"`
	Progress     int64            `json:"progress"` // of the check, in hundredths
	Code         string           `json:"code"`     // why the check failed
	Counts       map[string]int64 `json:"counts"`   // create, update, nothing, error
	Results      map[string]int64 `json:"results"`  // invited, joined, created, updated, nothing
	Undecided    int64            `json:"undecided"`
	Letters      int64            `json:"letters"`
	Withheld     int64            `json:"withheld"`
	MadeBy       string           `json:"made_by"`
	CreatedAt    time.Time        `json:"created_at"`
	DoneBy       string           `json:"done_by"`
	DoneAt       *time.Time       `json:"done_at"`
	Lines        []ImportLine     `json:"lines"` // empty in lists
	Next         *int             `json:"next"`  // nil at the end
}

// ImportLine is one line of the file.
type ImportLine struct {
	Line      int               `json:"line"`
	Cells     map[string]string `json:"cells"`
	Fate      string            `json:"fate"`
	Member    *string           `json:"member"`
	Errors    []ImportPoint     `json:"errors"`
	Notes     []ImportPoint     `json:"notes"`
	Changes   []ImportChange    `json:"changes"`
	Twins     []ImportTwin      `json:"possible_duplicates"`
	Choice    string            `json:"choice"`
	Undecided bool              `json:"undecided"`
	Letter    bool              `json:"letter"`
	Result    string            `json:"result"`
}

// ImportPoint is something to say of a line, in a column or of the whole.
type ImportPoint struct {
	Column string `json:"column"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// ImportChange is one field before and after.
type ImportChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ImportTwin is a member who may be the person of a line.
type ImportTwin struct {
	Member string `json:"member"`
	Name   string `json:"name"`
	Why    string `json:"why"` // name, phone, mssante
}

// ImportAbout says what is done with a file.
type ImportAbout struct {
	Name     string `query:"name"`
	Invites  *bool  `query:"invites"`  // whoever is created with an address is sent an invitation; nil: yes
	Language string `query:"language"` // of the letters
}

// ImportLines says which lines of an import to read.
type ImportLines struct {
	Fate      string `query:"fate"`
	Undecided bool   `query:"undecided"`
	After     int    `query:"after"`
	Limit     int    `query:"limit"`
}

// ImportDecisions are what is decided of lines; of none, the check is made again.
type ImportDecisions struct {
	Decisions []ImportDecision `json:"decisions"`
}

// ImportDecision is what a person says of a line: new, skip, or the ID of a member.
type ImportDecision struct {
	Line   int    `json:"line"`
	Choice string `json:"choice"`
}

func imports(org string, more ...string) []string {
	return inOrg(org, append([]string{"imports"}, more...)...)
}

// ListImports gives the last imports, without their lines.
func (c *Client) ListImports(ctx context.Context, org string, p Paging) (List[Import], error) {
	return call[List[Import]](ctx, c, request{method: http.MethodGet, path: imports(org), query: p})
}

// CreateImport sends a CSV or XLSX file of members to be checked; nothing is created yet.
func (c *Client) CreateImport(ctx context.Context, org string, about ImportAbout, data []byte) (Import, error) {
	return call[Import](ctx, c, request{method: http.MethodPost, path: imports(org), query: about, file: data})
}

// GetImport reads an import with some of its lines.
func (c *Client) GetImport(ctx context.Context, org, id string, l ImportLines) (Import, error) {
	return call[Import](ctx, c, request{method: http.MethodGet, path: imports(org, id), query: l})
}

// DecideImport decides on lines, and has the check made again.
func (c *Client) DecideImport(ctx context.Context, org, id string, d ImportDecisions) (Import, error) {
	body := ImportDecisions{append([]ImportDecision{}, d.Decisions...)}
	return call[Import](ctx, c, request{method: http.MethodPost, path: imports(org, id, "decisions"), body: body})
}

// CommitImport does all that an import shows, in one act, or nothing.
func (c *Client) CommitImport(ctx context.Context, org, id string) (Import, error) {
	return call[Import](ctx, c, request{method: http.MethodPost, path: imports(org, id, "commit")})
}

// GetImportReport reads the lines of an import as a CSV file. The caller closes it.
func (c *Client) GetImportReport(ctx context.Context, org, id string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: imports(org, id, "report"), accept: "*/*"})
}

// ofFormat is a format of spreadsheets: csv or xlsx.
type ofFormat struct {
	Format string `query:"format"`
}

// GetImportTemplate reads the file to fill in, csv or xlsx. The caller closes it.
func (c *Client) GetImportTemplate(ctx context.Context, org, format string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: inOrg(org, "import-template"), query: ofFormat{format}, accept: "*/*"})
}

// ExportMembers reads the members whom the caller sees, csv or xlsx. The caller closes it.
func (c *Client) ExportMembers(ctx context.Context, org, format string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: inOrg(org, "exports", "members"), query: ofFormat{format}, accept: "*/*"})
}
