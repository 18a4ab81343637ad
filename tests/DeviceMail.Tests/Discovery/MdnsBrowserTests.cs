using System.Net;
using System.Net.Sockets;
using DeviceMail.Discovery;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Discovery;

/// <summary>The search itself: against Avahi, which nobody here wrote, and against a responder that tells little and lies.</summary>
public sealed class MdnsBrowserTests
{
    [Fact]
    public async Task Scanners_that_Avahi_announces_are_found_each_once_and_encrypted_where_it_offers_that()
    {
        using var folder = new Folder();

        var found = await Tool.RunAsync(Part.Script("mdns/scanners"), folder.In("mdns"), ProgramFile.Path, "scanners", "find", "--data", folder.In("data"));

        Assert.Equal(0, found.ExitCode);
        Assert.Equal(
            $"{"Büro",-40} http://127.0.0.1/eSCL/\n  Maker Model 8\n{"Copier, 2nd floor",-40} https://127.0.0.1:8443/eSCL/\n  Maker Model 7, 2nd floor\n", found.Output);
    }

    [Fact]
    public async Task What_an_answer_leaves_open_is_asked_for_once_and_answers_to_others_do_not_count()
    {
        using var responder = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var time = new FakeTimeProvider();
        var browser = new MdnsBrowser(time, new MdnsGround((IPEndPoint)responder.Client.LocalEndPoint!, () => [IPAddress.Loopback]));

        var browsing = browser.BrowseAsync(["_uscan._tcp"], TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        var question = await HearAsync(responder);
        Assert.Contains("_uscan", Text(question), StringComparison.Ordinal);
        byte[] service = [.. DnsReaderTests.Label("Copier"), .. DnsReaderTests.Label("_uscan"), .. DnsReaderTests.Label("_tcp"), .. DnsReaderTests.Label("local"), 0];
        byte[] type = service[7..], host = [.. DnsReaderTests.Label("box"), .. DnsReaderTests.Label("local"), 0];
        byte[] Pointer(byte[] of) => [.. type, .. DnsReaderTests.Fixed(12, 60, (ushort)of.Length), .. of];
        await AnswerAsync(responder, question, Pointer([.. DnsReaderTests.Label("Other"), .. type]), id: 0xBEEF);
        await responder.SendAsync(new byte[] { 1, 2, 3 }, question.RemoteEndPoint, TestContext.Current.CancellationToken);
        await AnswerAsync(responder, question, Pointer(service), id: null);

        var more = await HearAsync(responder);
        Assert.Contains("Copier", Text(more), StringComparison.Ordinal);
        await AnswerAsync(responder, more, [.. service, .. DnsReaderTests.Fixed(33, 60, (ushort)(6 + host.Length)), 0, 0, 0, 0, 0, 80, .. host], id: null);
        var last = await HearAsync(responder);
        Assert.Contains("box", Text(last), StringComparison.Ordinal);
        await AnswerAsync(responder, last, [.. host, .. DnsReaderTests.Fixed(1, 60, 4), 192, 0, 2, 9], id: null);
        await AnswerAsync(responder, last, [.. service, .. DnsReaderTests.Fixed(16, 60, 8), .. DnsReaderTests.Label("RS=eSCL")], id: null);
        await AnswerAsync(responder, last, Pointer([.. DnsReaderTests.Label("Last"), .. type]), id: null);
        Assert.Contains("Last", Text(await HearAsync(responder)), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(3));

        var found = Assert.Single(await browsing);
        Assert.Equal(("Copier", "_uscan._tcp", "box.local", 80, "eSCL"), (found.Instance, found.Type, found.Host, found.Port, found.Text["rs"]));
        Assert.Equal([IPAddress.Parse("192.0.2.9")], found.Addresses);
    }

    private static async Task<UdpReceiveResult> HearAsync(UdpClient responder) => await responder.ReceiveAsync(TestContext.Current.CancellationToken);

    private static string Text(UdpReceiveResult heard) => System.Text.Encoding.ASCII.GetString(heard.Buffer);

    /// <param name="id">Null: the question's.</param>
    private static async Task AnswerAsync(UdpClient responder, UdpReceiveResult to, byte[] record, ushort? id) => await responder.SendAsync(
        (byte[])[(byte)((id ?? to.Buffer[0] << 8 | to.Buffer[1]) >> 8), (byte)(id ?? to.Buffer[1]), 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, .. record], to.RemoteEndPoint, TestContext.Current.CancellationToken);
}
