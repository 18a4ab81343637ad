using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Control;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("rum", "“rum” is not known here")]
    [InlineData("run --smtp printer", "--smtp cannot be “printer”")]
    [InlineData("run --web 70000", "--web cannot be “70000”")]
    [InlineData("run --log loud", "--log cannot be “loud”")]
    [InlineData("run --colour blue", "“--colour” is not known here")]
    public async Task Wrong_use_is_one_sentence_and_2(string arguments, string sentence)
    {
        var (code, _, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal(2, code);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_port_in_use_names_the_option_and_is_1()
    {
        using var folder = new Folder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var (code, _, error) = await RunAsync(["run", "--data", folder.Path, "--smtp", "off", "--smtps", "off", "--http", "off", "--web", $"{taken.LocalEndpoint}"]);

        Assert.Equal(1, code);
        Assert.Contains($"{taken.LocalEndpoint} already; choose another port with --web", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_told_as_json_too()
    {
        var (code, output, _) = await RunAsync(["version", "--json"]);

        Assert.Equal(0, code);
        Assert.Contains("\"version\"", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        var code = await CommandLine.RunAsync(arguments, settings);
        return (code, output.ToString(), error.ToString());
    }
}
