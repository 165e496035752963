package ui

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// FieldProps is a one-line text field. Name and Label are required.
//
// Everything is mandatory unless Optional says «(facultatif)». Autocomplete is
// "off" unless given: an administrator types somebody else's data; give the
// HTML purpose («email», «name») only for the person's own (WCAG 1.3.5).
type FieldProps struct {
	ID           string // the name when empty
	Name, Label  string
	Hint, Error  string
	Value        string
	Type         string // an HTML input type; "text" when empty
	Autocomplete string
	InputMode    string
	MaxLength    int // characters; 0: none
	Optional     bool
	Free         bool // may stay empty, and the page says so once for several fields
	ReadOnly     bool
	Source       string // where a read-only value comes from: «Annuaire Santé»
	Digits       bool   // an identifier: tabular figures, no spelling
	Code         bool   // six digits to copy from a telephone: large
	Autofocus    bool
	Attrs        templ.Attributes
}

// PasswordProps is a password field; with script it has «Afficher».
type PasswordProps struct {
	ID           string
	Name, Label  string
	Hint, Error  string
	Autocomplete string // "current-password" when empty; "new-password"
	AsideLabel   string // «Mot de passe oublié», at the right of the label
	AsideHref    string
	Username     string // whose password it is, for password managers, when the form has no field for it
	Autofocus    bool
}

// StepUpProps asks the person's own password again (rules.md 6).
type StepUpProps struct {
	ID       string // the name when empty
	Name     string // "password" when empty
	Username string // the person's e-mail, for password managers
	Why      string // «Pour confirmer que c’est bien vous.»
	Error    string
	Passkey  bool // the person has one, and may use it instead
}

// Option is one choice of a Select.
type Option struct{ Value, Label string }

// SelectProps is a native list of choices.
type SelectProps struct {
	ID          string
	Name, Label string
	Hint, Error string
	Value       string // the chosen one
	Options     []Option
	Optional    bool
	Attrs       templ.Attributes
}

// TextareaProps is a text field of several lines.
type TextareaProps struct {
	ID          string
	Name, Label string
	Hint, Error string
	Value       string
	Rows        int // 4 when zero
	MaxLength   int
	Optional    bool
	Attrs       templ.Attributes
}

// MultiFieldProps is a group of the same field, «Ajouter un autre» (MEM-9). All
// its inputs have one name; their ids are name-1, name-2…
type MultiFieldProps struct {
	Name   string
	Legend string
	Hint   string
	Label  string   // «Adresse {n}»: {n} becomes the number
	Values []string // at least one field is shown
	Errors []string // by field; may be shorter
	Type   string   // as in FieldProps
	Max    int      // fields at most; the button goes away there
	Add    ButtonProps
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// frame is what every field has around its control.
type frame struct {
	id, label, hint, err, source string
	optional                     bool
}

func (p FieldProps) frame() frame {
	return frame{id: orElse(p.ID, p.Name), label: p.Label, hint: p.Hint, err: p.Error, source: p.Source, optional: p.Optional}
}

func (p SelectProps) frame() frame {
	return frame{id: orElse(p.ID, p.Name), label: p.Label, hint: p.Hint, err: p.Error, optional: p.Optional}
}

func (p TextareaProps) frame() frame {
	return frame{id: orElse(p.ID, p.Name), label: p.Label, hint: p.Hint, err: p.Error, optional: p.Optional}
}

func (p PasswordProps) frame() frame {
	return frame{id: orElse(p.ID, p.Name), label: p.Label, hint: p.Hint, err: p.Error}
}

// aria ties the control to its hint, its error and its source, and says whether
// it is mandatory or wrong.
func (f frame) aria(mandatory bool) templ.Attributes {
	attrs := templ.Attributes{}
	var described []string
	for _, part := range []struct{ text, suffix string }{{f.hint, "-hint"}, {f.err, "-error"}, {f.source, "-source"}} {
		if part.text != "" {
			described = append(described, f.id+part.suffix)
		}
	}
	if len(described) > 0 {
		attrs["aria-describedby"] = strings.Join(described, " ")
	}
	if f.err != "" {
		attrs["aria-invalid"] = "true"
	}
	if mandatory {
		attrs["aria-required"] = "true"
	}
	return attrs
}

// number makes one field of the group, from 1.
func (p MultiFieldProps) number(n int) FieldProps {
	f := FieldProps{
		ID: p.Name + "-" + strconv.Itoa(n), Name: p.Name, Type: p.Type,
		Label: strings.Replace(p.Label, "{n}", strconv.Itoa(n), 1),
	}
	if n <= len(p.Values) {
		f.Value = p.Values[n-1]
	}
	if n <= len(p.Errors) {
		f.Error = p.Errors[n-1]
	}
	f.Optional = n > 1 // lines left empty are ignored
	return f
}

func (p MultiFieldProps) count() int { return max(1, len(p.Values)) }

// defaultRows is the height of a text area, in lines.
const defaultRows = 4

func rowsOr(n int) int {
	if n == 0 {
		return defaultRows
	}
	return n
}

// mandatory: a search is never mandatory, nor a value that cannot be typed.
func (p FieldProps) mandatory() bool {
	return !p.Optional && !p.Free && !p.ReadOnly && p.Type != "search"
}

// addButton is the group's own button: small, quiet, marked for the script.
func (p MultiFieldProps) addButton() ButtonProps {
	add := p.Add
	add.Kind, add.Small = Quiet, true
	add.Icon = IconPlus
	add.NoValidate = true
	add.Attrs = templ.Attributes{"data-add": true}
	return add
}

// describe ties a fieldset to its hint and its error; aria-invalid and
// aria-required are not for groups.
func (f frame) describe() templ.Attributes {
	attrs := f.aria(false)
	delete(attrs, "aria-invalid")
	return attrs
}
