using System.Net;

namespace DeviceMail.Settings;

/// <summary>How a listener treats TLS.</summary>
public enum TlsMode
{
    /// <summary>Clear at first, STARTTLS offered (RFC 3207).</summary>
    StartTls,

    /// <summary>TLS from the first octet (RFC 8314).</summary>
    Implicit,
}

/// <summary>One address that takes mail by SMTP.</summary>
public sealed record SmtpEndpoint(IPEndPoint Address, TlsMode Tls);

/// <summary>What the program is started with; each is an option of the command line, a DEVICEMAIL_… variable or a line of devicemail.json.</summary>
public sealed record StartOptions
{
    public required string DataPath { get; init; }

    public IReadOnlyList<SmtpEndpoint> Smtp { get; init; } =
        [new(new IPEndPoint(IPAddress.IPv6Any, 2525), TlsMode.StartTls), new(new IPEndPoint(IPAddress.IPv6Any, 2465), TlsMode.Implicit)];

    /// <summary>Web Config over https; null switches it off.</summary>
    public IPEndPoint? Web { get; init; } = new(IPAddress.IPv6Any, 8443);

    /// <summary>Redirects to <see cref="Web"/>; null switches it off.</summary>
    public IPEndPoint? Http { get; init; } = new(IPAddress.IPv6Any, 8080);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The least level of log lines on the console.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Whether mail is sent, sign-ins are kept alive and notices are told.</summary>
    public bool Works { get; init; } = true;

    /// <summary>No listener but the control channel, and nothing done but what is asked: how the command line works on a folder that no service owns.</summary>
    public static StartOptions Offline(string dataPath) =>
        new() { DataPath = dataPath, Smtp = [], Web = null, Http = null, LogLevel = LogLevel.Error, Works = false };
}
