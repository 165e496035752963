package fault

// CodeInvalid is the code of a fault that gathers several fields to correct.
const CodeInvalid = "invalid"

// Fields gathers what must be corrected, so that a person is told everything at
// once. The zero value is ready.
type Fields struct{ list []Field }

// Add notes that the field at location is refused by the rule code; args are
// name and value pairs for its sentence.
func (f *Fields) Add(location, code string, args ...any) {
	f.list = append(f.list, Field{Location: location, Code: code, Args: pairs(args)})
}

// Check notes the field unless code is empty: the shape of a validator's answer.
func (f *Fields) Check(location, code string, args ...any) {
	if code != "" {
		f.Add(location, code, args...)
	}
}

// Has reports whether the field at location was refused.
func (f *Fields) Has(location string) bool {
	for _, x := range f.list {
		if x.Location == location {
			return true
		}
	}
	return false
}

// Err is nil when nothing must be corrected, else an Invalid fault.
func (f *Fields) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: CodeInvalid, Fields: f.list}
}

// OnField is an Invalid fault about one field.
func OnField(location, code string, args ...any) *Error {
	return &Error{Kind: Invalid, Code: CodeInvalid, Fields: []Field{{Location: location, Code: code, Args: pairs(args)}}}
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			m[name] = args[i+1]
		}
	}
	return m
}
