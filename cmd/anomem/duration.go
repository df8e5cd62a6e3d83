package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// duration is the value of an option that is a time. It refuses a number without a unit.
type duration time.Duration

func (d *duration) String() string { return time.Duration(*d).String() }

func (d *duration) Set(text string) error {
	v, err := time.ParseDuration(text)
	if err == nil {
		*d = duration(v)
		return nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return fmt.Errorf("%ss or %sm?", text, text)
	}
	return errors.New("no time, such as 90s, 10m or 1h30m")
}
