package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"weibao/asterisk/node"
)

// host is where everything listens: a local system is for this machine alone.
const host = "127.0.0.1"

// app is the ARI application and the ARI user of the gateway.
const app = "weibao"

// settings are the ports and folders of one local system, each with the variable that moves it.
type settings struct {
	home string // the checkout
	dir  string // WEIBAO_VAR, state of the run; default var

	sip      int // WEIBAO_SIP_PORT
	rtpStart int // WEIBAO_RTP_START
	rtpEnd   int // WEIBAO_RTP_END
	http     int // WEIBAO_HTTP_PORT
	ari      int // WEIBAO_ARI_PORT
	redis    int // WEIBAO_REDIS_PORT

	carrier string // WEIBAO_CARRIER
	police  string // WEIBAO_POLICE
	duty    string // WEIBAO_DUTY_NUMBER, rung by Asterisk itself when there is no gateway; default: of configs/rota
}

func readSettings(getenv func(string) string) (settings, error) {
	var faults []error
	text := func(key, value string) string {
		if v := strings.TrimSpace(getenv(key)); v != "" {
			return v
		}
		return value
	}
	port := func(key string, value int) int {
		n, err := strconv.Atoi(text(key, strconv.Itoa(value)))
		if err != nil || n < 1 || n > 65535 {
			faults = append(faults, fmt.Errorf("%s=%q: 不是端口号 is not a port (1-65535)", key, getenv(key)))
		}
		return n
	}
	home, err := checkout()
	if err != nil {
		return settings{}, err
	}
	s := settings{
		home: home,
		dir:  text("WEIBAO_VAR", "var"),
		sip:  port("WEIBAO_SIP_PORT", 5060), rtpStart: port("WEIBAO_RTP_START", 10000), rtpEnd: port("WEIBAO_RTP_END", 20000),
		http: port("WEIBAO_HTTP_PORT", 8080), ari: port("WEIBAO_ARI_PORT", 8088), redis: port("WEIBAO_REDIS_PORT", 16379),
		carrier: text("WEIBAO_CARRIER", "127.0.0.1:5090"), police: text("WEIBAO_POLICE", "127.0.0.1:5091"),
		duty: text("WEIBAO_DUTY_NUMBER", ""),
	}
	if !filepath.IsAbs(s.dir) {
		s.dir = filepath.Join(home, s.dir)
	}
	if len(faults) == 0 && s.rtpEnd <= s.rtpStart {
		faults = append(faults, fmt.Errorf("WEIBAO_RTP_START=%d … WEIBAO_RTP_END=%d: 范围为空 is an empty range", s.rtpStart, s.rtpEnd))
	}
	return s, errors.Join(faults...)
}

// checkout is the folder with go.mod, here or above.
func checkout() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := at; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == "/" {
			return "", fmt.Errorf("请在代码目录内运行 run inside the checkout: no go.mod in %s or above", at)
		}
	}
}

// in is a path below the run's folder.
func (s settings) in(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// environ is the settings as the gateway reads them.
func (s settings) environ() []string {
	return []string{
		"WEIBAO_VAR=" + s.dir,
		"WEIBAO_SIP_PORT=" + strconv.Itoa(s.sip),
		"WEIBAO_RTP_START=" + strconv.Itoa(s.rtpStart),
		"WEIBAO_RTP_END=" + strconv.Itoa(s.rtpEnd),
		"WEIBAO_HTTP_PORT=" + strconv.Itoa(s.http),
		"WEIBAO_ARI_PORT=" + strconv.Itoa(s.ari),
		"WEIBAO_REDIS_PORT=" + strconv.Itoa(s.redis),
		"WEIBAO_CARRIER=" + s.carrier,
		"WEIBAO_POLICE=" + s.police,
	}
}

// redisPort and httpPort are the ports that are not Asterisk's.
func (s settings) redisPort() node.Port {
	return node.Port{Network: "tcp", Host: host, Number: s.redis, Use: "Redis", Variable: "WEIBAO_REDIS_PORT"}
}

func (s settings) httpPort() node.Port {
	return node.Port{Network: "tcp", Host: host, Number: s.http, Use: "HTTP", Variable: "WEIBAO_HTTP_PORT"}
}
