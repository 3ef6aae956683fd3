"""Configurations of nginx as they are found; @dir@ and other words between @ are filled in."""
TEMPORARY = '''client_body_temp_path @dir@/temp/body; proxy_temp_path @dir@/temp/proxy; uwsgi_temp_path @dir@/temp/uwsgi;
  fastcgi_temp_path @dir@/temp/fastcgi; scgi_temp_path @dir@/temp/scgi;'''

# Many servers, each its own way; formats over several lines, in every escaping.
HOSTING = {
    'nginx.conf': r'''
# log_format commented '$status'; access_log /nowhere commented;
worker_processes 2;
pid @dir@/nginx.pid;
error_log @dir@/log/error.log warn;
events { worker_connections 512; }
http {
  @temporary@
  root @dir@/www;
  map $status $is_error { default 0; ~^[45] 1; include maps/*.never; access_log 0; }
  map $host $zone { hostnames; default other; .shop.test "sh;op{"; }
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '   # one line
                   '"$http_referer" "$http_user_agent" ' "rt=$request_time "
                   'urt="$upstream_response_time" cs=$upstream_cache_status zone="$zone"';
  log_format lines escape=json
    '{"time":"$time_iso8601","method":"$request_method","uri":"$request_uri","status":$status,'
    '"bytes":$bytes_sent,"took":$request_time,'
    '"agent":"$http_user_agent",\'it\':"$upstream_response_time"}';
  log_format bare escape=none '$msec ' "$status\t" '$request_time' ' "$request_uri"';
  log_format unused '$request_id';
  access_log @dir@/log/all.log timed;
  include conf.d/*.conf;
  include sites-enabled/*;
}
''',
    'conf.d/10-plain.conf': r'''
server {
  listen 127.0.0.1:@port@ default_server;
  server_name plain.test;
  location = /quiet { access_log off; return 204; }
  location /api/ { access_log @dir@/log/api.log lines; return 200 "api"; }
  location /late/ { access_log @dir@/log/late.log timed buffer=32k flush=100ms; return 200 "late"; }
}
''',
    'conf.d/20-none.conf.disabled': 'server { listen 1; access_log /nowhere; }',
    'sites-available/shop': r'''
server {
  listen 127.0.0.1:@port@;
  server_name shop.test "www.shop.test" "~^(?<name>cart\\d{1,3})\.shop\.test$";
  access_log @dir@/log/$host.shop.log bare;
  access_log @dir@/log/shop.error-requests.log bare if=$is_error;
  access_log @dir@/log/shop.gz lines gzip=1 flush=100ms;
  access_log syslog:server=127.0.0.1:@syslog_port@,nohostname timed;
  location /pay { return 402 "}"; }
}
''',
    'sites-available/blog': r'''
server { listen 127.0.0.1:@port@; server_name blog.test; access_log @dir@/log/blog.combined.shop.log;
         location / { include snippets/answer; } }
''',
    'snippets/answer': 'return 200\n  "it\'s { not } a block; really";',
    'maps/readme': 'not a map',
}

# As the official container image has it: one format in nginx.conf, one server in conf.d/default.conf.
CONTAINER = {
    'nginx.conf': r'''
worker_processes  auto;
error_log  @dir@/log/error.log notice;
pid        @dir@/nginx.pid;
events {
    worker_connections  512;
}
http {
    @temporary@
    include       @etc@/mime.types;
    default_type  application/octet-stream;
    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';
    access_log  @dir@/log/access.log  main;
    include @etc@/conf.d/*.conf;
}
''',
    'mime.types': 'types { text/html html htm; }',
    'conf.d/default.conf': r'''
server {
    listen       127.0.0.1:@port@;
    server_name  localhost;
    location / {
        root   @dir@/www;
        index  index.html;
    }
    #access_log  /var/log/nginx/host.access.log  main;
    error_page   500 502 503 504  /50x.html;
}
''',
}

# A mirror: a cache before an upstream, every request in two logs, and paths relative to the prefix.
MIRROR = {
    'nginx.conf': r'''
pid @dir@/nginx.pid;
error_log log/error.log;
events {}
http { @temporary@
  root @dir@/www;
  include formats/mirror.conf;
  proxy_cache_path @dir@/cache keys_zone=mirror:1m;
  upstream registry { server @upstream@; keepalive 4; }
  server {
    listen 127.0.0.1:@port@;
    access_log log/mirror.json mirror;
    access_log log/plain.log;
    location / {
      proxy_pass http://registry;
      proxy_cache mirror; proxy_cache_valid 200 1m;
      if ($arg_hidden) { access_log off; }
      location /status/ { access_log log/status/$status.log combined; proxy_pass http://registry; }
    }
  }
}
''',
    'formats/mirror.conf': r'''log_format mirror escape=json '{'
  '"host":"$host","cache":"$upstream_cache_status","request":"$request","status":"$status",'
  '"sent":"$body_bytes_sent","seconds":"$request_time","upstream":"$upstream_response_time"'
'}';
''',
}


def filled(text, values):
    for name, value in {'temporary': TEMPORARY, **values}.items():
        text = text.replace(f'@{name}@', str(value))
    return text.replace('@dir@', str(values['dir']))
