"""Whole modules in two forms, as a freelancer writes them: name, ending, the weak form, the repaired form, weaknesses."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """One module, weak and repaired."""

    name: str
    ending: str
    weak: str
    repaired: str
    weaknesses: tuple[str, ...]
    """What must be found in the weak form. In the repaired form nothing may be found."""


PAIRS = (
    Pair(
        "express-users", "js",
        """
const express = require('express');
const mysql = require('mysql2');
const router = express.Router();
const pool = mysql.createPool({ host: process.env.DB_HOST });

router.get('/users', (req, res, next) => {
  const { sort, name } = req.query;
  let sql = 'SELECT id, name FROM users';
  if (name) {
    sql += ` WHERE name LIKE '%${name}%'`;
  }
  sql += ' ORDER BY ' + (sort || 'id');
  pool.query(sql, (err, rows) => {
    if (err) return res.status(500).send(err.stack);
    res.send('<h1>Results for ' + name + '</h1>' + render(rows));
  });
});

router.post('/users', async (req, res) => {
  const user = await User.create(req.body);
  res.cookie('session', user.token);
  res.redirect(req.query.next || '/');
});
module.exports = router;
""",
        """
const express = require('express');
const mysql = require('mysql2');
const router = express.Router();
const pool = mysql.createPool({ host: process.env.DB_HOST });
const SORT = { id: 'id', name: 'name' };

router.get('/users', (req, res, next) => {
  const { sort, name } = req.query;
  const column = SORT[sort] || 'id';
  pool.query(`SELECT id, name FROM users WHERE name LIKE ? ORDER BY ${column}`, [`%${name}%`], (err, rows) => {
    if (err) { console.error(err.stack); return res.status(500).send('Something went wrong'); }
    res.render('users', { name, rows });
  });
});

router.post('/users', async (req, res) => {
  const { name, email } = req.body;
  const user = await User.create({ name, email });
  res.cookie('session', user.token, { httpOnly: true, secure: true, sameSite: 'lax' });
  res.redirect('/');
});
module.exports = router;
""",
        ("sql-injection", "xss", "debug-on", "mass-assignment", "cookie-flags", "open-redirect"),
    ),
    Pair(
        "express-files", "js",
        """
import fs from 'node:fs';
import path from 'node:path';
import { exec } from 'node:child_process';

export default function (app) {
  app.get('/download/:name', (req, res) => {
    const file = path.join(__dirname, 'files', req.params.name);
    fs.createReadStream(file).pipe(res);
  });
  app.post('/convert', (req, res) => {
    const input = req.body.input;
    const command = `convert ${input} -resize 200x200 out.png`;
    exec(command, (error) => res.json({ ok: !error }));
  });
  app.get('/preview', async (req, res) => {
    const answer = await fetch(req.query.url);
    res.type('text').end(await answer.text());
  });
}
""",
        """
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
const FILES = path.resolve('files');
const HOSTS = new Set(['images.example.org']);

export default function (app) {
  app.get('/download/:name', (req, res) => {
    const file = path.resolve(FILES, req.params.name);
    if (!file.startsWith(FILES + path.sep)) {
      return res.sendStatus(404);
    }
    fs.createReadStream(file).pipe(res);
  });
  app.post('/convert', (req, res) => {
    execFile('convert', [String(req.body.input), '-resize', '200x200', 'out.png'], (error) => res.json({ ok: !error }));
  });
  app.get('/preview', async (req, res) => {
    const url = new URL(req.query.url);
    if (url.protocol !== 'https:' || !HOSTS.has(url.hostname)) {
      return res.sendStatus(400);
    }
    const answer = await fetch(url);
    res.type('text').end(await answer.text());
  });
}
""",
        ("path-traversal", "command-injection", "ssrf"),
    ),
    Pair(
        "express-login", "js",
        """
const crypto = require('crypto');
const jwt = require('jsonwebtoken');
const SECRET = 'supersecret123';

exports.register = async (req, res) => {
  const password = crypto.createHash('md5').update(req.body.password).digest('hex');
  await db.collection('users').insertOne({ name: req.body.name, password });
  res.json({ token: jwt.sign({ name: req.body.name }, SECRET) });
};
exports.login = async (req, res) => {
  const user = await db.collection('users').findOne({ name: req.body.name, password: req.body.password });
  if (!user) return res.sendStatus(401);
  res.json({ token: jwt.sign({ id: user._id }, SECRET) });
};
exports.check = (req, res, next) => {
  const token = req.headers.authorization;
  req.user = jwt.verify(token, SECRET, { algorithms: ['HS256', 'none'] });
  next();
};
exports.reset = (req, res) => {
  const resetToken = Math.random().toString(36).substring(2);
  mail(req.body.email, resetToken);
};
""",
        """
const crypto = require('crypto');
const bcrypt = require('bcrypt');
const jwt = require('jsonwebtoken');
const SECRET = process.env.JWT_SECRET;

exports.register = async (req, res) => {
  const name = String(req.body.name);
  const password = await bcrypt.hash(req.body.password, 12);
  await db.collection('users').insertOne({ name, password });
  res.json({ token: jwt.sign({ name }, SECRET, { expiresIn: '1h' }) });
};
exports.login = async (req, res) => {
  const user = await db.collection('users').findOne({ name: String(req.body.name) });
  if (!user || !(await bcrypt.compare(req.body.password, user.password))) return res.sendStatus(401);
  res.json({ token: jwt.sign({ id: user._id }, SECRET, { expiresIn: '1h' }) });
};
exports.check = (req, res, next) => {
  const token = req.headers.authorization;
  req.user = jwt.verify(token, SECRET, { algorithms: ['HS256'] });
  next();
};
exports.reset = (req, res) => {
  const resetToken = crypto.randomBytes(32).toString('hex');
  mail(req.body.email, resetToken);
};
""",
        ("weak-hash", "hardcoded-password", "nosql-injection", "jwt-unsafe", "weak-random"),
    ),
    Pair(
        "nest-controller", "ts",
        """
import { Controller, Get, Post, Body, Query, Res } from '@nestjs/common';
import { exec } from 'child_process';

@Controller('tools')
export class ToolsController {
  constructor(private readonly source: DataSource) {}

  @Get('find')
  async find(@Query('q') q: string) {
    return this.source.query(`SELECT * FROM item WHERE title = '${q}'`);
  }

  @Post('ping')
  ping(@Body('host') host: string) {
    return new Promise((resolve) => exec('ping -c 1 ' + host, (e, out) => resolve(out)));
  }

  @Get('go')
  go(@Query('to') to: string, @Res() res) {
    return res.redirect(to);
  }
}
""",
        """
import { Controller, Get, Post, Body, Query, Res, ParseIntPipe } from '@nestjs/common';
import { execFile } from 'child_process';
const PAGES: Record<string, string> = { home: '/', cart: '/cart' };

@Controller('tools')
export class ToolsController {
  constructor(private readonly source: DataSource) {}

  @Get('find')
  async find(@Query('q') q: string) {
    return this.source.query('SELECT * FROM item WHERE title = $1', [q]);
  }

  @Get('one')
  async one(@Query('id', ParseIntPipe) id: number) {
    return this.source.query(`SELECT * FROM item WHERE id = ${id}`);
  }

  @Post('ping')
  ping(@Body('host') host: string) {
    return new Promise((resolve) => execFile('ping', ['-c', '1', '--', host], (e, out) => resolve(out)));
  }

  @Get('go')
  go(@Query('to') to: string, @Res() res) {
    return res.redirect(PAGES[to] ?? '/');
  }
}
""",
        ("sql-injection", "command-injection", "open-redirect"),
    ),
    Pair(
        "koa-and-fastify", "js",
        """
const Koa = require('koa');
const fastify = require('fastify')();
router.get('/a', async (ctx) => {
  const id = ctx.params.id;
  const rows = await knex.raw(`select * from posts where id = ${id}`);
  ctx.body = `<h1>${ctx.query.title}</h1>`;
});
fastify.get('/b', async (request, reply) => {
  const expression = request.query.expression;
  return { value: eval(expression) };
});
fastify.post('/c', async (request, reply) => {
  const options = {};
  _.merge(options, request.body);
  return list.filter((item) => new RegExp(request.body.pattern).test(item));
});
""",
        """
const Koa = require('koa');
const fastify = require('fastify')();
router.get('/a', async (ctx) => {
  const id = ctx.params.id;
  const rows = await knex.raw('select * from posts where id = ?', [id]);
  ctx.body = { title: ctx.query.title };
});
fastify.get('/b', async (request, reply) => {
  const expression = request.query.expression;
  return { value: parser.evaluate(expression) };
});
fastify.post('/c', async (request, reply) => {
  const options = { color: request.body.color };
  return list.filter((item) => item.includes(request.body.pattern));
});
""",
        ("sql-injection", "xss", "code-eval", "prototype-pollution", "regex-dos"),
    ),
    Pair(
        "next-route", "ts",
        """
import { NextRequest, NextResponse } from 'next/server';
import { readFile } from 'fs/promises';
export async function GET(request: NextRequest) {
  const name = request.nextUrl.searchParams.get('name');
  const data = await readFile('./content/' + name, 'utf8');
  return new NextResponse(data);
}
export async function POST(request: Request) {
  const body = await request.json();
  const rows = await prisma.$queryRawUnsafe(`SELECT * FROM "Post" WHERE slug = '${body.slug}'`);
  return NextResponse.redirect(body.returnTo);
}
""",
        """
import { NextRequest, NextResponse } from 'next/server';
import { readFile } from 'fs/promises';
import path from 'path';
export async function GET(request: NextRequest) {
  const name = request.nextUrl.searchParams.get('name');
  const data = await readFile(path.join('./content', path.basename(name)), 'utf8');
  return new NextResponse(data);
}
export async function POST(request: Request) {
  const body = await request.json();
  const rows = await prisma.$queryRaw`SELECT * FROM "Post" WHERE slug = ${body.slug}`;
  return NextResponse.redirect(new URL('/done', request.url));
}
""",
        ("path-traversal", "sql-injection", "open-redirect"),
    ),
    Pair(
        "browser-page", "js",
        """
const params = new URLSearchParams(window.location.search);
const name = params.get('name');
document.getElementById('hello').innerHTML = 'Hello ' + name;
const next = params.get('next');
if (next) { window.location.href = next; }
window.addEventListener('load', () => {
  $('#title').html(decodeURIComponent(location.hash.substring(1)));
});
function addComment(comment) {
  document.querySelector('#list').innerHTML += `<li>${comment.text}</li>`;
}
""",
        """
const params = new URLSearchParams(window.location.search);
const name = params.get('name');
document.getElementById('hello').textContent = 'Hello ' + name;
const PAGES = { home: '/', cart: '/cart' };
const next = params.get('next');
if (next in PAGES) { window.location.href = PAGES[next]; }
window.addEventListener('load', () => {
  $('#title').text(decodeURIComponent(location.hash.substring(1)));
});
function addComment(comment) {
  const item = document.createElement('li');
  item.textContent = comment.text;
  document.querySelector('#list').append(item);
}
""",
        ("xss", "open-redirect"),
    ),
    Pair(
        "lambda", "js",
        """
const { execSync } = require('child_process');
exports.handler = async (event) => {
  const { file } = JSON.parse(event.body);
  const out = execSync(`wc -l ${file}`);
  const id = event.queryStringParameters.id;
  const rows = await client.query("DELETE FROM jobs WHERE id = '" + id + "'");
  return { statusCode: 200, body: out.toString() };
};
""",
        """
const { execFileSync } = require('child_process');
exports.handler = async (event) => {
  const { file } = JSON.parse(event.body);
  const out = execFileSync('wc', ['-l', '--', file]);
  const id = event.queryStringParameters.id;
  const rows = await client.query('DELETE FROM jobs WHERE id = $1', [id]);
  return { statusCode: 200, body: out.toString() };
};
""",
        ("command-injection", "sql-injection"),
    ),
    Pair(
        "php-login", "php",
        """<?php
session_start();
$db = new mysqli('localhost', 'shop', 'Sommer2024!', 'shop');
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $user = $_POST['user'];
    $password = md5($_POST['password']);
    $sql = "SELECT * FROM users WHERE name = '" . $user . "' AND password = '" . $password . "'";
    $result = $db->query($sql);
    if ($result->num_rows > 0) {
        setcookie('auth_token', $token);
        header('Location: ' . $_GET['next']);
        exit;
    }
    echo "<p>No user $user</p>";
}
?>
<form action="<?php echo $_SERVER['PHP_SELF']; ?>" method="post">
<input name="user" value="<?= $_POST['user'] ?? '' ?>">
</form>
""",
        """<?php
session_start();
$db = new mysqli(getenv('DB_HOST'), getenv('DB_USER'), getenv('DB_PASSWORD'), 'shop');
$pages = ['home' => '/', 'cart' => '/cart'];
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $user = $_POST['user'];
    $st = $db->prepare('SELECT id, password FROM users WHERE name = ?');
    $st->bind_param('s', $user);
    $st->execute();
    $row = $st->get_result()->fetch_assoc();
    if ($row && password_verify($_POST['password'], $row['password'])) {
        session_regenerate_id(true);
        setcookie('auth_token', $token, ['secure' => true, 'httponly' => true, 'samesite' => 'Lax']);
        header('Location: ' . ($pages[$_GET['next']] ?? '/'));
        exit;
    }
    echo '<p>No user ' . htmlspecialchars($user, ENT_QUOTES, 'UTF-8') . '</p>';
}
?>
<form action="" method="post">
<input name="user" value="<?= htmlspecialchars($_POST['user'] ?? '') ?>">
</form>
""",
        ("hardcoded-password", "weak-hash", "sql-injection", "cookie-flags", "open-redirect", "xss"),
    ),
    Pair(
        "php-files", "php",
        """<?php
$page = isset($_GET['page']) ? $_GET['page'] : 'home';
include 'pages/' . $page . '.php';

if (isset($_FILES['photo'])) {
    $target = 'uploads/' . $_FILES['photo']['name'];
    move_uploaded_file($_FILES['photo']['tmp_name'], $target);
    system('convert ' . $target . ' thumb.png');
}
$cart = unserialize(base64_decode($_COOKIE['cart']));
readfile('docs/' . $_GET['doc']);
extract($_POST);
$doc = new DOMDocument();
$doc->loadXML(file_get_contents('php://input'), LIBXML_NOENT | LIBXML_DTDLOAD);
""",
        """<?php
$pages = ['home' => 'home.php', 'about' => 'about.php'];
include 'pages/' . ($pages[$_GET['page'] ?? 'home'] ?? 'home.php');

if (isset($_FILES['photo'])) {
    $kinds = ['image/png' => 'png', 'image/jpeg' => 'jpg'];
    $kind = (new finfo(FILEINFO_MIME_TYPE))->file($_FILES['photo']['tmp_name']);
    if (!isset($kinds[$kind])) {
        http_response_code(400);
        exit;
    }
    $target = 'uploads/' . bin2hex(random_bytes(16)) . '.' . $kinds[$kind];
    move_uploaded_file($_FILES['photo']['tmp_name'], $target);
    system('convert ' . escapeshellarg($target) . ' thumb.png');
}
$cart = json_decode(base64_decode($_COOKIE['cart']), true);
readfile('docs/' . basename($_GET['doc']));
$name = $_POST['name'] ?? '';
$doc = new DOMDocument();
$doc->loadXML(file_get_contents('php://input'), LIBXML_NONET);
""",
        ("file-inclusion", "unsafe-upload", "command-injection", "deserialization", "path-traversal", "mass-assignment", "xxe"),
    ),
    Pair(
        "laravel-controller", "php",
        """<?php
namespace App\\Http\\Controllers;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\DB;

class OrderController extends Controller
{
    public function index(Request $request)
    {
        $status = $request->input('status');
        return DB::select("SELECT * FROM orders WHERE status = '$status'");
    }
    public function sorted(Request $request)
    {
        return Order::query()->orderByRaw($request->get('column') . ' asc')->get();
    }
    public function store(Request $request)
    {
        Order::create($request->all());
        return redirect($request->input('back'));
    }
    public function file(Request $request)
    {
        return response()->download(storage_path('orders/' . $request->query('name')));
    }
    public function fetch(Request $request)
    {
        return Http::withoutVerifying()->get($request->input('url'));
    }
}
""",
        """<?php
namespace App\\Http\\Controllers;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\DB;

class OrderController extends Controller
{
    private const COLUMNS = ['id' => 'id', 'date' => 'created_at'];

    public function index(Request $request)
    {
        return DB::select('SELECT * FROM orders WHERE status = ?', [$request->input('status')]);
    }
    public function sorted(Request $request)
    {
        return Order::query()->orderBy(self::COLUMNS[$request->get('column')] ?? 'id')->get();
    }
    public function store(StoreOrder $request)
    {
        Order::create($request->validated());
        return redirect()->route('orders.index');
    }
    public function file(Request $request)
    {
        return response()->download(storage_path('orders/' . basename($request->query('name'))));
    }
    public function fetch(Request $request)
    {
        return Http::get('https://api.example.org/rates');
    }
}
""",
        ("sql-injection", "mass-assignment", "open-redirect", "path-traversal", "tls-verify-off"),
    ),
    Pair(
        "wordpress-plugin", "php",
        """<?php
function shop_search() {
    global $wpdb;
    $term = $_GET['term'];
    $rows = $wpdb->get_results("SELECT * FROM {$wpdb->prefix}shop WHERE title LIKE '%$term%'");
    echo '<h2>Results for ' . $term . '</h2>';
    foreach ($rows as $row) {
        echo '<li>' . $row->title . '</li>';
    }
}
add_action('wp_ajax_nopriv_shop_go', function () {
    wp_redirect($_REQUEST['to']);
    $body = wp_remote_get($_REQUEST['feed'], ['sslverify' => false]);
    update_option('shop', unserialize($_POST['settings']));
});
""",
        """<?php
function shop_search() {
    global $wpdb;
    $term = sanitize_text_field(wp_unslash($_GET['term']));
    $rows = $wpdb->get_results($wpdb->prepare(
        "SELECT * FROM {$wpdb->prefix}shop WHERE title LIKE %s", '%' . $wpdb->esc_like($term) . '%'));
    echo '<h2>Results for ' . esc_html($term) . '</h2>';
    foreach ($rows as $row) {
        echo '<li>' . esc_html($row->title) . '</li>';
    }
}
add_action('wp_ajax_nopriv_shop_go', function () {
    check_ajax_referer('shop');
    wp_safe_redirect($_REQUEST['to']);
    $body = wp_safe_remote_get('https://feeds.example.org/shop');
    update_option('shop', array_map('sanitize_text_field', (array) json_decode($_POST['settings'], true)));
});
""",
        ("sql-injection", "xss", "open-redirect", "ssrf", "tls-verify-off", "deserialization"),
    ),
    Pair(
        "php-tokens", "php",
        """<?php
class Account
{
    private $pdo;
    public function reset($email)
    {
        $token = md5(uniqid(rand(), true));
        $this->pdo->query("UPDATE users SET token = '$token' WHERE email = '$email'");
        $code = '';
        $otp = mt_rand(100000, 999999);
        mail($email, 'Reset', $token, 'From: ' . $_POST['from']);
    }
    public function register($name, $password)
    {
        $hash = sha1($password);
        $secret = openssl_encrypt($name, 'aes-128-ecb', $this->key);
    }
    public function login()
    {
        session_id($_GET['sid']);
        $run = $_GET['action'];
        $run();
    }
}
""",
        """<?php
class Account
{
    private $pdo;
    public function reset($email)
    {
        $token = bin2hex(random_bytes(32));
        $st = $this->pdo->prepare('UPDATE users SET token = ? WHERE email = ?');
        $st->execute([$token, $email]);
        $otp = random_int(100000, 999999);
        mail($email, 'Reset', $token, 'From: shop@example.org');
    }
    public function register($name, $password)
    {
        $hash = password_hash($password, PASSWORD_DEFAULT);
        $secret = openssl_encrypt($name, 'aes-256-gcm', $this->key, 0, $iv, $tag);
    }
    public function login()
    {
        session_start();
        session_regenerate_id(true);
        $actions = ['list' => 'listAll', 'new' => 'create'];
        $run = $actions[$_GET['action']] ?? 'listAll';
        $this->$run();
    }
}
""",
        ("weak-hash", "sql-injection", "weak-random", "header-injection", "weak-cipher", "session-fixation", "code-eval"),
    ),
)  # fmt: skip
