package api

import (
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"habilis/internal/fault"
)

// The huma library words what it refuses in English package variables. We give it
// our codes instead, "code", or "code␟Name␟value", before any schema is made, and
// read them back in the language of each caller.
const unit = "\x1f"

// learn sets what huma keeps in package variables, once in a process.
var learn = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true  // rules.md 14
	huma.DefaultArrayNullable = false // an empty list is [], never null
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} }
	huma.NewErrorWithContext = answerOf

	validation.MsgUnexpectedProperty = "api.unknown_field"
	validation.MsgExpectedBoolean = "api.boolean"
	validation.MsgExpectedNumber = "api.number"
	validation.MsgExpectedInteger = "api.integer"
	validation.MsgExpectedString = "api.text"
	validation.MsgExpectedArray = "api.list"
	validation.MsgExpectedObject = "api.object"
	validation.MsgExpectedArrayItemsUnique = "api.duplicate_item"
	validation.MsgExpectedOneOf = "api.choice" + unit + "Values" + unit + "%s"
	validation.MsgExpectedMinimumNumber = "api.too_low" + unit + "Min" + unit + "%v"
	validation.MsgExpectedMaximumNumber = "api.too_high" + unit + "Max" + unit + "%v"
	validation.MsgExpectedMinLength = "api.too_short" + unit + "Min" + unit + "%d"
	validation.MsgExpectedMaxLength = "api.too_long" + unit + "Max" + unit + "%d"
	validation.MsgExpectedMinItems = "api.too_few" + unit + "Min" + unit + "%d"
	validation.MsgExpectedMaxItems = "api.too_many" + unit + "Max" + unit + "%d"
	validation.MsgExpectedMatchPattern = "api.pattern" + unit + "Pattern" + unit + "%s"
	validation.MsgExpectedRequiredProperty = "api.required" + unit + "Name" + unit + "%s"
})

// fixed are the messages of huma that are no variables.
var fixed = map[string]string{
	"unknown query parameter":              "api.unknown_parameter",
	"required query parameter is missing":  "api.required",
	"required header parameter is missing": "api.required",
	"invalid integer":                      "api.integer",
	"invalid boolean":                      "api.boolean",
}

// answerOf turns what huma or a handler refuses into our problem document.
func answerOf(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError { //nolint:ireturn // as huma declares it
	c, ok := ctx.(*call)
	if !ok {
		return &Problem{Status: status}
	}
	if status == http.StatusInternalServerError && len(errs) == 1 {
		return c.problem(c.Context(), errs[0])
	}
	f := &fault.Error{Kind: fault.Invalid, Code: fault.CodeInvalid}
	if status != http.StatusUnprocessableEntity {
		f = errMalformed // the scan left nothing else to refuse
	}
	c2 := *f
	c2.Fields = fieldsOf(errs)
	c.noteUnknown(c2.Fields)
	return c.problem(c.Context(), &c2)
}

// fieldsOf reads our codes back from the details of huma.
func fieldsOf(errs []error) []fault.Field {
	fields := make([]fault.Field, 0, min(len(errs), maxFields))
	for _, err := range errs {
		if len(fields) == maxFields {
			break
		}
		d, ok := err.(huma.ErrorDetailer)
		if !ok {
			fields = append(fields, fault.Field{Location: "body", Code: errUnknownCode})
			continue
		}
		fields = append(fields, fieldOf(d.ErrorDetail()))
	}
	return fields
}

// maxFields bounds what one answer tells: a list of 10,000 wrong items needs no
// 10,000 sentences.
const maxFields = 100

func fieldOf(d *huma.ErrorDetail) fault.Field {
	code, rest, _ := strings.Cut(d.Message, unit)
	name, value, _ := strings.Cut(rest, unit)
	f := fault.Field{Location: clip(d.Location), Code: code}
	switch {
	case fixed[code] != "":
		f.Code = fixed[code]
	case code == "api.pattern":
		return patternField(f.Location, value)
	case !strings.HasPrefix(code, "api."):
		f.Code = errUnknownCode
	case code == "api.required":
		f.Location += "." + value
	case name != "":
		f.Args = map[string]any{name: value}
	}
	return f
}
