package editor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// patience is how long the server may take for one answer on a busy machine.
const patience = 30 * time.Second

// editor is an editor that has the folder configs/ open, and the language
// server that it started. Its own goroutine reads what the server says.
type editor struct {
	t      *testing.T
	folder string
	// gone is closed when the server has ended.
	gone chan struct{}

	write sync.Mutex
	in    io.Writer

	mu      sync.Mutex
	last    int
	replies map[string]chan message
	faults  map[string]chan []diagnostic
	// asked is closed when the server has asked for its settings, from which
	// it learns not to look for schemas elsewhere.
	asked   chan struct{}
	askedIt sync.Once
}

// message is one message of JSON-RPC, of whatever kind.
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

// diagnostic is a line that the editor underlines.
type diagnostic struct {
	Range   struct{ Start, End position } `json:"range"`
	Message string                        `json:"message"`
}

// position counts lines and characters from 0.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// open starts the server and introduces the editor to it.
func open(t *testing.T) *editor {
	t.Helper()
	program, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs("../../configs")
	if err != nil {
		t.Fatal(err)
	}
	e := &editor{
		t: t, folder: folder, gone: make(chan struct{}),
		replies: make(map[string]chan message), faults: make(map[string]chan []diagnostic), asked: make(chan struct{}),
	}
	e.start(program)
	e.ask("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": e.uri(""), "locale": "zh-cn",
		"workspaceFolders": []any{map[string]any{"uri": e.uri(""), "name": "configs"}},
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true, "workspaceFolders": true},
			"textDocument": map[string]any{
				"hover":      map[string]any{"contentFormat": []string{"markdown"}},
				"completion": map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"markdown"}, "snippetSupport": true}},
			},
		},
	}, nil)
	e.tell("initialized", map[string]any{})
	await(e, "its settings", e.asked)
	return e
}

// start runs the server until the test ends.
func (e *editor) start(program string) {
	offline, err := filepath.Abs("offline.cjs")
	if err != nil {
		e.t.Fatal(err)
	}
	cmd := exec.CommandContext(e.t.Context(), "node", "--require", offline, program, "--stdio")
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.in = in
	go func() {
		defer close(e.gone)
		if err := e.listen(out); !errors.Is(err, io.EOF) {
			e.t.Errorf("the language server: %v", err)
		}
	}()
	e.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-e.gone
		_ = cmd.Wait()
		if said.Len() > 0 {
			e.t.Errorf("the language server: %s", &said)
		}
	})
}

// listen takes what the server says to whom it is meant for.
func (e *editor) listen(out io.Reader) error {
	from := textproto.NewReader(bufio.NewReader(out))
	for {
		header, err := from.ReadMIMEHeader()
		if err != nil {
			return err
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return err
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(from.R, body); err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			return err
		}
		if err := e.take(m); err != nil {
			return err
		}
	}
}

func (e *editor) take(m message) error {
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		var told struct {
			URI         string       `json:"uri"`
			Diagnostics []diagnostic `json:"diagnostics"`
		}
		if err := json.Unmarshal(m.Params, &told); err != nil {
			return err
		}
		e.faultsOf(told.URI) <- told.Diagnostics
	case m.Method == "workspace/configuration":
		err := e.send(message{ID: m.ID, Result: settings(m.Params)})
		e.askedIt.Do(func() { close(e.asked) })
		return err
	case m.Method != "" && m.ID != nil:
		return e.send(message{ID: m.ID, Result: json.RawMessage("null")})
	case m.ID != nil:
		e.mu.Lock()
		reply := e.replies[string(m.ID)]
		e.mu.Unlock()
		reply <- m
	}
	return nil
}

// settings are those of a user who has none of his own, except that nothing
// is looked for on the network.
func settings(params json.RawMessage) json.RawMessage {
	var wanted struct {
		Items []struct{ Section string }
	}
	_ = json.Unmarshal(params, &wanted)
	values := make([]any, len(wanted.Items))
	for i, item := range wanted.Items {
		if item.Section == "yaml" {
			off := map[string]any{"enable": false}
			values[i] = map[string]any{"validate": true, "hover": true, "completion": true, "schemaStore": off, "kubernetesCRDStore": off}
		}
	}
	text, _ := json.Marshal(values)
	return text
}

// faultsOf is where the diagnostics of a file arrive. The server repeats them
// seldom; nobody waits for the repetitions.
func (e *editor) faultsOf(uri string) chan []diagnostic {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.faults[uri] == nil {
		e.faults[uri] = make(chan []diagnostic, 16)
	}
	return e.faults[uri]
}

func (e *editor) send(m message) error {
	text, err := json.Marshal(struct {
		Version string `json:"jsonrpc"`
		message
	}{"2.0", m})
	if err != nil {
		return err
	}
	e.write.Lock()
	defer e.write.Unlock()
	_, err = fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(text), text)
	return err
}

// tell sends a notification.
func (e *editor) tell(method string, params any) {
	e.t.Helper()
	text, err := json.Marshal(params)
	if err == nil {
		err = e.send(message{Method: method, Params: text})
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// ask sends a request and fills result from the reply.
func (e *editor) ask(method string, params, result any) {
	e.t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		e.t.Fatal(err)
	}
	reply := make(chan message, 1)
	e.mu.Lock()
	e.last++
	id := strconv.Itoa(e.last)
	e.replies[id] = reply
	e.mu.Unlock()
	if err := e.send(message{ID: json.RawMessage(id), Method: method, Params: text}); err != nil {
		e.t.Fatal(err)
	}
	m := await(e, method, reply)
	if m.Error != nil {
		e.t.Fatalf("%s: %s", method, m.Error)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		e.t.Fatalf("%s: %v: %s", method, err, m.Result)
	}
}

// await is what the server says next of something.
func await[T any](e *editor, what string, from <-chan T) T {
	e.t.Helper()
	select {
	case said := <-from:
		return said
	case <-e.gone:
		e.t.Fatalf("%s: the language server has ended", what)
	case <-time.After(patience):
		e.t.Fatalf("%s: the language server says nothing for %s", what, patience)
	}
	panic("unreachable")
}

// uri is the address of a file below the folder.
func (e *editor) uri(name string) string {
	return "file://" + filepath.ToSlash(filepath.Join(e.folder, name))
}

// show opens a file with a text, which need not be on the disk, and returns
// what is underlined in it.
func (e *editor) show(name, text string) []diagnostic {
	e.t.Helper()
	told := e.faultsOf(e.uri(name))
	e.tell("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name), "languageId": "yaml", "version": 1, "text": text},
	})
	return await(e, name, told)
}

// at is a place in a file for a request.
func (e *editor) at(name string, line, character int) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name)},
		"position":     position{Line: line, Character: character},
	}
}
