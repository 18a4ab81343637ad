using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMail.Web;

/// <summary>A login of the administrator in one browser.</summary>
/// <param name="Key">The hash of its id; the id itself is only in the browser.</param>
/// <param name="Since">When it began.</param>
/// <param name="LastSeen">When it was last used.</param>
public sealed record Session(string Key, DateTimeOffset Since, DateTimeOffset LastSeen)
{
    /// <summary>When the administrator's password was last typed in it.</summary>
    public DateTimeOffset ConfirmedAt { get; init; } = Since;
}

/// <summary>Logins of Web Config, kept by the server: ended when idle, after half a day, or when the password changes.</summary>
public sealed class Sessions
{
    public const string CookieName = "__Host-devicemail";

    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>How long a typed password counts for what a borrowed browser must not do.</summary>
    public static readonly TimeSpan Confirmed = TimeSpan.FromMinutes(5);

    /// <summary>More browsers than an administrator has; the one unused longest goes first.</summary>
    private const int Most = 200;

    private readonly ConcurrentDictionary<string, Session> _all = new();
    private readonly byte[] _formKey = RandomNumberGenerator.GetBytes(32);
    private readonly TimeProvider _time;

    public Sessions(Administrator administrator, TimeProvider time)
    {
        _time = time;
        administrator.PasswordChanged += _all.Clear;
    }

    /// <summary>Begins a login under a new id, which the browser gets as a cookie.</summary>
    public void Begin(HttpContext context)
    {
        End(context);
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = _time.GetUtcNow();
        var session = new Session(KeyOf(id), now, now);
        while (_all.Count >= Most && _all.Values.MinBy(one => one.LastSeen) is { } oldest) _all.TryRemove(oldest.Key, out _);
        _all[session.Key] = session;
        context.Features.Set(session);
        context.Response.Cookies.Append(CookieName, id, Cookie);
    }

    public Session? Find(HttpContext context)
    {
        if (context.Request.Cookies[CookieName] is not { Length: > 0 and < 100 } id || !_all.TryGetValue(KeyOf(id), out var session)) return null;
        var now = _time.GetUtcNow();
        if (now - session.LastSeen > Idle || now - session.Since > Longest)
        {
            _all.TryRemove(session.Key, out _);
            return null;
        }
        var seen = session with { LastSeen = now };
        return _all.TryUpdate(session.Key, seen, session) || _all.ContainsKey(session.Key) ? seen : null;
    }

    /// <summary>The password was typed again.</summary>
    public void Confirm(Session session)
    {
        while (_all.TryGetValue(session.Key, out var current) && !_all.TryUpdate(session.Key, current with { ConfirmedAt = _time.GetUtcNow() }, current))
        {
            // Another request of the same browser moved it meanwhile.
        }
    }

    public bool IsConfirmed(Session session) => _time.GetUtcNow() - session.ConfirmedAt <= Confirmed;

    public void End(HttpContext context)
    {
        if (Find(context) is not { } session) return;
        _all.TryRemove(session.Key, out _);
        context.Response.Cookies.Delete(CookieName, Cookie);
    }

    /// <summary>What a form of this login carries, so that no other site can send one in its name.</summary>
    public string FormToken(Session session) => Base64Url.EncodeToString(HMACSHA256.HashData(_formKey, Encoding.UTF8.GetBytes(session.Key)));

    public bool IsFormToken(Session session, string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(FormToken(session)));

    private static CookieOptions Cookie => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" };

    private static string KeyOf(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
