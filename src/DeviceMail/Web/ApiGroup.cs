using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace DeviceMail.Web;

/// <summary>Marks what answers a path of the HTTP API when its method is none of those it has.</summary>
internal sealed class ApiOtherMethod;

/// <summary>
/// Where a folder maps what the HTTP API does. A line tells what it is for in the same breath as how it is done, and what was mapped otherwise does not
/// exist to <see cref="ApiGuard"/>: nothing can be missing in the OpenAPI document, or be open by mistake.
/// </summary>
public sealed class ApiGroup
{
    public const string Prefix = "/api/v1";

    private readonly RouteGroupBuilder _group;
    private readonly ApiTable _table;
    private readonly ApiScope _scope;

    internal ApiGroup(WebApplication app, ApiScope scope) => (_group, _table, _scope) = (app.MapGroup(Prefix), app.Services.GetRequiredService<ApiTable>(), scope);

    public void Get(string path, ApiRoute route, Func<HttpContext, IResult> answer) => Add(HttpMethods.Get, path, route, context => Task.FromResult(answer(context)));

    public void Get(string path, ApiRoute route, Func<HttpContext, Task<IResult>> answer) => Add(HttpMethods.Get, path, route, answer);

    /// <summary>Without a body, or with one that the endpoint reads by itself (<see cref="ApiRoute.BodyTypes"/>).</summary>
    public void Post(string path, ApiRoute route, Func<HttpContext, Task<IResult>> answer) => Add(HttpMethods.Post, path, route, answer);

    public void Post<T>(string path, ApiRoute route, JsonTypeInfo<T> body, Func<HttpContext, T, Task<IResult>> answer) => AddWithBody(HttpMethods.Post, path, route, body, answer);

    /// <summary>With files and fields as multipart/form-data; large files lie on the disk while the request lasts.</summary>
    public void PostForm(string path, ApiRoute route, Func<HttpContext, IFormCollection, Task<IResult>> answer) =>
        Add(HttpMethods.Post, path, route with { BodyTypes = [.. route.BodyTypes, "multipart/form-data"] }, async context => await answer(context, await ReadFormAsync(context, route)));

    public void Put<T>(string path, ApiRoute route, JsonTypeInfo<T> body, Func<HttpContext, T, Task<IResult>> answer) => AddWithBody(HttpMethods.Put, path, route, body, answer);

    public void Delete(string path, ApiRoute route, Func<HttpContext, Task<IResult>> answer) => Add(HttpMethods.Delete, path, route, answer);

    private void AddWithBody<T>(string method, string path, ApiRoute route, JsonTypeInfo<T> body, Func<HttpContext, T, Task<IResult>> answer) =>
        Add(method, path, route with { Body = body }, async context => await ReadAsync(context, body) is { } read
            ? await answer(context, read)
            : throw new JsonException("It is null."));

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> body) => await JsonSerializer.DeserializeAsync(context.Request.Body, body, context.RequestAborted);

    private static async Task<IFormCollection> ReadFormAsync(HttpContext context, ApiRoute route)
    {
        try
        {
            return await context.Request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = route.LargestBody }, context.RequestAborted);
        }
        catch (Exception fault) when (fault is not BadHttpRequestException and (IOException or InvalidOperationException or ArgumentException))
        {
            throw new InvalidDataException("The form cannot be read.", fault);
        }
    }

    private void Add(string method, string path, ApiRoute route, Func<HttpContext, Task<IResult>> answer)
    {
        var whole = route with { Method = method, Pattern = Prefix + path, Scope = _scope };
        RequestDelegate run = async context => await (await answer(context)).ExecuteAsync(context);
        _group.MapMethods(path, [method], run).WithMetadata(whole);
        if (_table.Add(whole)) _group.Map(path, (RequestDelegate)RefuseMethodAsync).WithMetadata(new ApiOtherMethod());

        async Task RefuseMethodAsync(HttpContext context)
        {
            var methods = _table.MethodsOf(whole.Pattern);
            context.Response.Headers.Allow = methods;
            await ApiAnswers.Refused(StatusCodes.Status405MethodNotAllowed, "Wrong method", $"{context.Request.Path} knows {methods}, not {context.Request.Method}, and nothing was done.").ExecuteAsync(context);
        }
    }
}
