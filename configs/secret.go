package configs

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// Secret is a text that is never printed: not in logs, not in errors, not in
// JSON. Use Reveal where it is really needed.
type Secret string

const masked = "<secret>"

// String is "<secret>", or empty when there is none.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// secretFrom is the password, or what stands in the file.
func secretFrom(password Secret, file string) (Secret, error) {
	if password != "" || file == "" {
		return password, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("read password: %s is empty", file)
	}
	return Secret(text), nil
}
