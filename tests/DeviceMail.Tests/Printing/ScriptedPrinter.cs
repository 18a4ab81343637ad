using System.Buffers.Binary;
using System.Net;
using DeviceMail.Printing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Printing;

/// <summary>A printer that answers as it is told, or misbehaves; by itself it is ready, takes PDF and has printed every job.</summary>
internal sealed class ScriptedPrinter : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<IppMessage> _requests = [];

    private ScriptedPrinter(WebApplication app) => _app = app;

    /// <summary>In place of the usual answer; it is given the answer that would be usual.</summary>
    public Func<HttpContext, IppMessage, byte[], Task>? Misbehave { get; set; }

    public string[] Formats { get; set; } = ["application/pdf", "image/urf"];

    public string Media { get; set; } = "iso_a4_210x297mm";

    /// <summary>RFC 8011 5.3.7; 9 is completed.</summary>
    public Func<int> JobState { get; set; } = () => 9;

    /// <summary>Status of an answer by operation; 0 is successful.</summary>
    public Func<IppMessage, int> Status { get; set; } = _ => 0;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("http:", "ipp:", StringComparison.Ordinal);

    public IReadOnlyList<IppMessage> Requests
    {
        get { lock (_requests) return [.. _requests]; }
    }

    public static async Task<ScriptedPrinter> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var printer = new ScriptedPrinter(app);
        app.Run(printer.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return printer;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var octets = new MemoryStream();
        await context.Request.Body.CopyToAsync(octets);
        Assert.True(IppReader.TryRead(octets.ToArray(), out var request, out var fault), fault);
        lock (_requests) _requests.Add(request);
        var answer = IppWriter.Write(new IppMessage(request.Version, (ushort)Status(request), request.RequestId) { Attributes = Attributes(request) });
        if (Misbehave is { } misbehave) await misbehave(context, request, answer);
        else await context.Response.Body.WriteAsync(answer);
    }

    private List<IppAttribute> Attributes(IppMessage request) => (IppOperation)request.Code switch
    {
        IppOperation.GetPrinterAttributes =>
        [
            new(IppGroup.Printer, "printer-state", [Enumerated(3)]),
            new(IppGroup.Printer, "printer-state-reasons", [IppValue.Of(IppTag.Keyword, "media-empty-error")]),
            new(IppGroup.Printer, "document-format-supported", [.. Formats.Select(format => IppValue.Of(IppTag.MimeType, format))]),
            new(IppGroup.Printer, "media-ready", [IppValue.Of(IppTag.Keyword, Media)]),
            new(IppGroup.Printer, "media-supported", [IppValue.Of(IppTag.Keyword, Media)]),
        ],
        IppOperation.PrintJob => [new(IppGroup.Job, "job-id", [IppValue.Of(41)])],
        IppOperation.GetJobAttributes => [new(IppGroup.Job, "job-state", [Enumerated(JobState())])],
        _ => [],
    };

    private static IppValue Enumerated(int number)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(octets, number);
        return new IppValue(IppTag.Enum, octets);
    }
}
