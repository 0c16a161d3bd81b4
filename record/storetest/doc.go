// Package storetest says what a record.Store must do, and starts a PostgreSQL
// for tests.
package storetest
