@echo off
rem The commands of the Makefile for Windows, without make:
rem   pokazatel.cmd demo     evaluate all catalogues on their demo data, reports go to out\
rem   pokazatel.cmd test     every test of the project
rem   pokazatel.cmd ...      anything else goes to the product: pokazatel.cmd list
rem Messages of this file are ASCII on purpose: the console may have any code page.
setlocal
set "PYTHONUTF8=1"
set "ROOT=%~dp0"
set "VENV=%ROOT%.venv\Scripts"

rem The launcher knows the newest Python; without it, whatever "python" is on the path.
set "PYTHON=py -3"
%PYTHON% -c "" >nul 2>nul
if not errorlevel 1 goto found
set "PYTHON=python"
%PYTHON% -c "" >nul 2>nul
if not errorlevel 1 goto found
echo Python 3.11 or newer is needed, and no Python was found. 1>&2
echo Nuzhen Python 3.11 ili novee: ustanovite ego i povtorite. 1>&2
exit /b 1

:found
rem With words after them, "demo" and "test" are commands of the product.
if /i "%~1"=="demo" if "%~2"=="" goto demo
if /i "%~1"=="test" if "%~2"=="" goto test

%PYTHON% "%ROOT%scripts\environment.py" runtime
if errorlevel 1 exit /b 1
"%VENV%\pokazatel.exe" %*
exit /b %errorlevel%

:demo
%PYTHON% "%ROOT%scripts\environment.py" runtime
if errorlevel 1 exit /b 1
"%VENV%\python.exe" "%ROOT%scripts\demo.py"
exit /b %errorlevel%

:test
%PYTHON% "%ROOT%scripts\environment.py" dev
if errorlevel 1 exit /b 1
"%VENV%\python.exe" "%ROOT%scripts\test.py"
exit /b %errorlevel%
