package operation

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
)

var errOnce = errors.New("it is given more than once")

// set sets a field from the values that were given for it.
func set(field reflect.Value, texts []string, files Files) error {
	if element := field.Type(); element.Kind() == reflect.Slice && scalar(element.Elem()) {
		return setList(field, texts, files)
	}
	if len(texts) > 1 {
		return errOnce
	}
	return setOne(field, texts[0], files)
}

func scalar(t reflect.Type) bool { return t == mediaType || t.Kind() == reflect.String }

func setList(field reflect.Value, texts []string, files Files) error {
	if len(texts) == 1 {
		var err error
		if texts, err = split(texts[0]); err != nil {
			return err
		}
	}
	list := reflect.MakeSlice(field.Type(), len(texts), len(texts))
	for i, text := range texts {
		if err := setOne(list.Index(i), text, files); err != nil {
			return err
		}
	}
	field.Set(list)
	return nil
}

// split reads a list in one value: a JSON array, or texts between commas. A
// data URI has a comma of its own.
func split(text string) ([]string, error) {
	if strings.HasPrefix(text, "[") {
		var list []string
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return nil, errors.New(`it begins with "[" and is no JSON array of texts`)
		}
		return list, nil
	}
	if strings.HasPrefix(text, "data:") {
		return []string{text}, nil
	}
	return strings.Split(text, ","), nil
}

func setOne(field reflect.Value, text string, files Files) error {
	if field.Type() == mediaType {
		media, err := files.Open(text)
		if err == nil {
			field.Set(reflect.ValueOf(media))
		}
		return err
	}
	switch field.Kind() {
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		return setOne(field.Elem(), text, files)
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		b, err := parseBool(text)
		field.SetBool(b)
		return err
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, field.Type().Bits())
		if err != nil {
			return errors.New("want a whole number such as 25")
		}
		field.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f-f != 0 { // what is infinite or no number has no JSON
			return errors.New("want a number such as 7.5")
		}
		field.SetFloat(f)
	default:
		return setJSON(field, text)
	}
	return nil
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "yes", "true", "on", "1":
		return true, nil
	case "no", "false", "off", "0":
		return false, nil
	default:
		return false, errors.New("want yes or no")
	}
}

// setJSON sets what has no form but JSON. A field that takes anything takes an
// object, as it is.
func setJSON(field reflect.Value, text string) error {
	if field.Kind() == reflect.Interface {
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &members); err != nil || members == nil {
			return errors.New(`want a JSON object such as {"prompt":"a lighthouse"}`)
		}
		field.Set(reflect.ValueOf(json.RawMessage(text)))
		return nil
	}
	if err := json.Unmarshal([]byte(text), field.Addr().Interface()); err != nil {
		return errors.New("want JSON: " + strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
