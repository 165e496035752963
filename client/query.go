package client

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// queryOf writes the fields of a struct that have a query tag; zero values are left
// out, lists are joined by commas.
func queryOf(v any) url.Values {
	q := url.Values{}
	if v != nil {
		fillQuery(q, reflect.ValueOf(v))
	}
	return q
}

func fillQuery(q url.Values, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch name := f.Tag.Get("query"); {
		case f.Anonymous:
			fillQuery(q, v.Field(i))
		case name != "" && !v.Field(i).IsZero():
			q.Set(name, written(reflect.Indirect(v.Field(i)).Interface())) // a pointer tells what is left out from what is false
		}
	}
}

func written(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ",")
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}
